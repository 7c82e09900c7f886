/// The points between the steps of a change at which a power cut would leave different things on the disk.
package enum LibraryStep: String, Sendable, CaseIterable {
    // A complete upload is acknowledged.
    case uploadRecorded, uploadIndexed
    // The same content is there already.
    case duplicateRecorded, duplicateRemoved
    // A checked upload becomes part of the library.
    case thumbnailWritten, folderMade, metaWritten, originalMoved, folderSynchronized, folderNamed
    case foldersSynchronized, adoptionIndexed, recordRemoved
    // A checked upload is refused.
    case refusalIndexed, refusedRemoved
    // A medium is deleted.
    case folderHidden, partHidden, deletionIndexed, thumbnailRemoved, remainsRemoved
    // Settings of a medium change.
    case editMarked, metaReplaced, editIndexed
    // The index is built anew.
    case newIndexBegun, newIndexWritten, oldIndexAside, oldLogAside, newIndexNamed
    // One thing that a start found was put right.
    case recovered
}

/// Told of every step. Tests copy the folder, as a cut would leave it, or throw.
package struct StepObserver: Sendable {
    package var passed: @Sendable (LibraryStep) throws(MediaFault) -> Void

    package init(_ passed: @escaping @Sendable (LibraryStep) throws(MediaFault) -> Void) { self.passed = passed }

    package static let none = StepObserver { (_) throws(MediaFault) in }
}
