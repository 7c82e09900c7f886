import Synchronization
import SystemPackage
import Testing

@testable import MediaIndex

/// The disk refuses a step of an adoption, and no start follows that would put it right.
@Suite struct HalfAdoptionTests {
    private static let beforeMoving: [LibraryStep] = [.thumbnailWritten, .folderMade, .metaWritten]
    private static let afterMoving: [LibraryStep] = [
        .originalMoved, .folderSynchronized, .folderNamed, .foldersSynchronized,
    ]

    private final class Once: Sendable {
        private let isLeft = Mutex(true)
        func take() -> Bool {
            isLeft.withLock { left in
                defer { left = false }
                return left
            }
        }
    }

    /// A library in which the adoption of a medium has failed after a step.
    private func halfAdopted(
        _ failing: LibraryStep, _ folder: TestFolder, _ camera: StepObserver = .none
    ) async throws -> (MediaLibrary, MediumID) {
        let fault = MediaFault(.noRoom, .system, reason: "full", suggestion: "none")
        let once = Once()
        let library = try await folder.library(
            observer: StepObserver { (step) throws(MediaFault) in
                try camera.passed(step)
                if step == failing, once.take() { throw fault }
            })
        let id = try await library.addProcessing("waiting.jpg", "waiting").id
        await #expect(throws: fault) { _ = try await library.adopt(id, .photo) }
        #expect(try await library.medium(id).state == .processing)
        return (library, id)
    }

    private func hiddenNames(_ folder: DataFolder) throws -> [String] {
        var names: [String] = []
        for path in [folder.library, folder.uploads, folder.thumbnails] {
            names += try FolderEntries.names(in: path).filter { $0.hasPrefix(".") }
        }
        return names
    }

    @Test(arguments: afterMoving) func isFinished(after failing: LibraryStep) async throws {
        let folder = try TestFolder()
        let (library, id) = try await halfAdopted(failing, folder)
        _ = try await library.edit(id, name: "renamed.jpg")
        let medium = try await library.finishAdoption(id)
        #expect(medium.state == .ready && medium.name == "renamed.jpg" && medium.width == 40)
        #expect(try await library.medium(id) == medium)
        #expect(try await library.content(id) == "waiting")
        #expect(try hiddenNames(library.folder) == [])
        #expect(try FolderEntries.names(in: library.folder.uploads) == [])
        #expect(try await library.check(deep: true) == [])
        await #expect(throws: MediaFault.notFound(id)) { _ = try await library.finishAdoption(id) }
        try await library.close()
        let next = try await folder.library()
        #expect(next.opening == LibraryOpening())
        #expect(try await next.medium(id) == medium)
        try await next.close()
    }

    /// With the part still there, it is checked and adopted again.
    @Test(arguments: beforeMoving) func isRepeated(after failing: LibraryStep) async throws {
        let folder = try TestFolder()
        let (library, id) = try await halfAdopted(failing, folder)
        let fault = await #expect(throws: MediaFault.self) { _ = try await library.finishAdoption(id) }
        #expect(fault?.code == .storage)
        #expect(try await library.adopt(id, .photo).state == .ready)
        #expect(try await library.check(deep: true) == [])
        try await library.close()
    }

    @Test(arguments: beforeMoving + afterMoving) func staysDeleted(after failing: LibraryStep) async throws {
        let folder = try TestFolder()
        let (library, id) = try await halfAdopted(failing, folder)
        try await library.delete(id)
        for path in [library.folder.library, library.folder.uploads, library.folder.thumbnails] {
            #expect(try FolderEntries.names(in: path) == [])
        }
        try await library.close()
        let next = try await folder.library()
        #expect(next.opening == LibraryOpening())
        #expect(try await next.all() == [])
        try await next.close()
    }

    /// The power fails while it is deleted.
    @Test(arguments: afterMoving) func isDeletedInSpiteOfACut(after failing: LibraryStep) async throws {
        let folder = try TestFolder()
        let camera = StepCamera(folder)
        let (library, _) = try await halfAdopted(failing, folder, camera.observer)
        camera.arm()
        for medium in try await library.all() { try await library.delete(medium.id) }
        camera.disarm()
        try await library.close()
        #expect(camera.shots.map(\.step) == [.folderHidden, .deletionIndexed, .remainsRemoved])
        for (step, copy) in camera.shots {
            let next = try await copy.library()
            #expect(try await next.all() == [], "cut after \(step)")
            #expect(try hiddenNames(next.folder) == [], "cut after \(step)")
            #expect(try await next.check(deep: true) == [], "cut after \(step)")
            try await next.close()
        }
    }
}
