import Foundation
import SystemPackage
import Testing

@testable import MediaIndex

/// The power fails at each step of each change, and again while the next start puts things right. Afterwards there is
/// all of the change or nothing of it, and index and folders agree.
@Suite struct PowerCutTests {
    enum Change: String, CaseIterable, Sendable {
        case receive, receiveTwin, adopt, refuse, delete, deleteWaiting, rename, renameWaiting, rebuild, replaceIndex

        var steps: [LibraryStep] {
            switch self {
            case .receive: [.uploadRecorded, .uploadIndexed]
            case .receiveTwin: [.duplicateRecorded, .duplicateRemoved]
            case .adopt:
                [
                    .thumbnailWritten, .folderMade, .metaWritten, .originalMoved, .folderSynchronized, .folderNamed,
                    .foldersSynchronized, .adoptionIndexed, .recordRemoved,
                ]
            case .refuse: [.refusalIndexed, .refusedRemoved]
            case .delete: [.folderHidden, .deletionIndexed, .thumbnailRemoved, .remainsRemoved]
            case .deleteWaiting: [.partHidden, .deletionIndexed, .remainsRemoved]
            case .rename: [.editMarked, .metaReplaced, .editIndexed]
            case .renameWaiting: [.metaReplaced, .editIndexed]
            case .rebuild: []
            case .replaceIndex:
                [.newIndexBegun, .newIndexWritten, .oldIndexAside, .oldLogAside, .newIndexNamed]
            }
        }
    }

    /// What there is before each change: a medium that plays, and one that waits.
    private struct Scene {
        let ready: Medium
        let waiting: Medium
    }

    private func perform(_ change: Change, _ library: MediaLibrary, _ scene: Scene) async throws {
        switch change {
        case .receive: _ = try await library.addProcessing("new.jpg", "new")
        case .receiveTwin: _ = try await library.addProcessing("twin.jpg", "ready")
        case .adopt: _ = try await library.adopt(scene.waiting.id, .photo)
        case .refuse: _ = try await library.refuse(scene.waiting.id, reason: "broken", suggestion: "none")
        case .delete: try await library.delete(scene.ready.id)
        case .deleteWaiting: try await library.delete(scene.waiting.id)
        case .rename: _ = try await library.edit(scene.ready.id, name: "renamed")
        case .renameWaiting: _ = try await library.edit(scene.waiting.id, name: "renamed")
        case .rebuild: _ = try await library.rebuild()
        case .replaceIndex: break
        }
    }

    /// What must hold after a start, whenever the power failed.
    private func verify(_ change: Change, _ step: LibraryStep, _ library: MediaLibrary, _ scene: Scene) async throws {
        let comment: Comment = "\(change) cut after \(step)"
        #expect(try await library.check(deep: true) == [], comment)
        for folder in [library.folder.library, library.folder.uploads, library.folder.thumbnails] {
            #expect(try FolderEntries.names(in: folder).filter { $0.hasPrefix(".") } == [], comment)
        }
        let media = try await library.all()
        let names = media.map(\.name)
        let ready = media.first { $0.id == scene.ready.id }
        let waiting = media.first { $0.id == scene.waiting.id }
        if change != .delete {
            #expect(try await library.content(scene.ready.id) == "ready", comment)
            #expect(ready?.state == .ready, comment)
        }
        switch change {
        case .receive: #expect(names.contains("new.jpg"), comment)
        case .receiveTwin: #expect(media.count == 2, comment)
        case .adopt:
            if waiting?.state == .ready {
                #expect(try await library.content(scene.waiting.id) == "waiting", comment)
            } else {
                #expect(waiting == scene.waiting, comment)
            }
        case .refuse: #expect(waiting?.state == .rejected, comment)
        case .delete: #expect(ready == nil, comment)
        case .deleteWaiting: #expect(waiting == nil, comment)
        case .rename, .renameWaiting:
            let old = change == .rename ? scene.ready.name : scene.waiting.name
            let name = (change == .rename ? ready : waiting)?.name
            #expect(name == (step == .editMarked ? old : "renamed"), comment)
        case .rebuild, .replaceIndex: break
        }
        if ![.adopt, .refuse, .deleteWaiting, .renameWaiting].contains(change) {
            #expect(waiting == scene.waiting, comment)
        }
    }

    @Test(arguments: Change.allCases) func leavesAllOrNothing(of change: Change) async throws {
        let folder = try TestFolder()
        let camera = StepCamera(folder)
        var library = try await folder.library(observer: camera.observer)
        let scene = Scene(
            ready: try await library.addReady("ready.jpg", "ready"),
            waiting: try await library.addProcessing("waiting.jpg", "waiting"))
        camera.arm()
        if change == .replaceIndex {
            try await library.close()
            try Data(repeating: 7, count: 5000).write(
                to: URL(fileURLWithPath: folder.path.appending("index.sqlite").string))
            library = try await folder.library(observer: camera.observer)
        } else {
            try await perform(change, library, scene)
        }
        camera.disarm()
        try await library.close()
        #expect(camera.shots.map(\.step) == change.steps)
        for (step, copy) in camera.shots {
            // The start after the cut, itself cut at each of its steps.
            let second = StepCamera(copy, armed: true)
            let recovered = try await copy.library(observer: second.observer)
            second.disarm()
            try await verify(change, step, recovered, scene)
            try await recovered.close()
            for (_, again) in second.shots {
                let library = try await again.library()
                try await verify(change, step, library, scene)
                try await library.close()
            }
            let quiet = try await copy.library()
            #expect(quiet.opening == LibraryOpening(), "\(change) cut after \(step): the second start finds nothing")
            try await quiet.close()
        }
    }

    /// A step that fails, of a full disk for instance, is no worse than a cut.
    @Test(arguments: Change.allCases.filter { $0 != .replaceIndex })
    func failsSafely(change: Change) async throws {
        for failing in change.steps {
            let folder = try TestFolder()
            let quiet = try await folder.library()
            let scene = Scene(
                ready: try await quiet.addReady("ready.jpg", "ready"),
                waiting: try await quiet.addProcessing("waiting.jpg", "waiting"))
            try await quiet.close()
            let fault = MediaFault(.noRoom, .system, reason: "full", suggestion: "none")
            let observer = StepObserver { (step) throws(MediaFault) in if step == failing { throw fault } }
            let library = try await folder.library(observer: observer)
            await #expect(throws: fault) { try await perform(change, library, scene) }
            try await library.close()
            let next = try await folder.library()
            try await verify(change, failing, next, scene)
            try await next.close()
        }
    }
}
