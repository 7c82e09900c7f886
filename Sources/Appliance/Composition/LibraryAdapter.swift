import Dispatch
import LinuxSystem
import MediaIndex
import SystemPackage
import WebInterface

#if canImport(Glibc)
    import Glibc
#endif

extension MediaItem {
    init(_ medium: Medium) {
        self.init(
            id: medium.id.rawValue, name: medium.name, kind: medium.kind.flatMap { MediaKind(rawValue: $0.rawValue) },
            width: medium.width, height: medium.height, durationSeconds: medium.durationSeconds,
            frameRate: medium.frameRate, decodeRate: medium.decodeRate, sizeBytes: medium.sizeBytes,
            addedAt: Timestamp(milliseconds: medium.addedAt), state: MediaState(medium.state), reason: medium.reason,
            suggestion: medium.suggestion, photoSeconds: medium.photoSeconds)
    }
}

extension MediaState {
    fileprivate init(_ state: MediumState) {
        self =
            switch state {
            case .processing: .processing
            case .ready: .ready
            case .rejected: .rejected
            case .setAside: .setAside
            }
    }
}

/// The library, as the web interface asks for it.
struct LibraryAdapter: LibraryAccess {
    let library: MediaLibrary
    let events: EventBroadcast

    func page(_ query: WebMediaQuery) async throws(ProblemError) -> WebMediaPage {
        var items: [MediaItem] = []
        var after = query.after
        // A state is looked for among pages, since the index pages by time; a page may so be a round trip longer.
        repeat {
            let asked = IndexQuery(
                text: query.text, kind: query.kind.flatMap { MediumKind(rawValue: $0.rawValue) },
                limit: query.limit - items.count, after: after)
            let page = try await answering { () async throws(MediaFault) in try await library.page(asked) }
            items += page.items.map(MediaItem.init).filter { query.state == nil || $0.state == query.state }
            after = page.next
        } while items.count < query.limit && after != nil
        return WebMediaPage(items: items, next: after)
    }

    func medium(_ id: String) async throws(ProblemError) -> MediaItem { MediaItem(try await found(id)) }

    func change(_ id: String, _ change: MediaChange) async throws(ProblemError) -> MediaItem {
        let id = try mediumID(id)
        let medium = try await answering { () async throws(MediaFault) in
            let seconds: MediaLibrary.PhotoSeconds? =
                switch change.photoSeconds {
                case .keep: nil
                case .general: .general
                case .set(let seconds): .seconds(seconds)
                }
            return try await library.edit(id, name: change.name, photoSeconds: seconds)
        }
        return told(medium)
    }

    func delete(_ id: String) async throws(ProblemError) {
        let identity = try mediumID(id)
        try await answering { () async throws(MediaFault) in try await library.delete(identity) }
        events.publish(.mediumRemoved(id: id))
    }

    func retry(_ id: String) async throws(ProblemError) -> MediaItem {
        let id = try mediumID(id)
        return told(try await answering { () async throws(MediaFault) in try await library.retry(id) })
    }

    func thumbnail(_ id: String) async throws(ProblemError) -> StoredFile {
        let medium = try await found(id)
        let file = try await answering { () async throws(MediaFault) in try await library.thumbnail(medium.id) }
        return StoredFile(
            contentType: "image/jpeg", name: medium.name + ".jpg", entityTag: "\(medium.sha256)-t",
            content: try FileContent(file))
    }

    func file(_ id: String) async throws(ProblemError) -> StoredFile {
        let medium = try await found(id)
        let file = try await answering { () async throws(MediaFault) in try await library.open(medium.id) }
        return StoredFile(
            contentType: Self.contentType(of: medium.suffix), name: medium.name, entityTag: medium.sha256,
            content: try FileContent(file))
    }

    private func found(_ id: String) async throws(ProblemError) -> Medium {
        let id = try mediumID(id)
        return try await answering { () async throws(MediaFault) in try await library.medium(id) }
    }

    private func told(_ medium: Medium) -> MediaItem {
        let item = MediaItem(medium)
        events.publish(.medium(item))
        return item
    }

    /// By what the decoder found the file to be; IANA's names.
    static func contentType(of suffix: String) -> String {
        switch suffix {
        case "jpg", "jpeg": "image/jpeg"
        case "png", "apng": "image/png"
        case "gif": "image/gif"
        case "webp": "image/webp"
        case "heic", "heif": "image/heic"
        case "avif": "image/avif"
        case "bmp": "image/bmp"
        case "tif", "tiff": "image/tiff"
        case "mp4", "m4v": "video/mp4"
        case "mov": "video/quicktime"
        case "mkv": "video/x-matroska"
        case "webm": "video/webm"
        default: "application/octet-stream"
        }
    }
}

/// A file that is sent piece by piece.
private struct FileContent: StoredContent {
    let file: Descriptor
    let byteCount: Int
    private static let queue = BlockingQueue(label: "vitrine.reading", qos: .userInitiated)

    init(_ file: Descriptor) throws(ProblemError) {
        self.file = file
        do throws(Errno) {
            byteCount = try file.byteCount()
        } catch {
            throw .internalFault("The file cannot be read: \(error).")
        }
    }

    func bytes(in range: Range<Int>) async throws(ProblemError) -> [UInt8] {
        let result = await Self.queue.run { () -> Result<[UInt8], Errno> in
            do throws(Errno) {
                return .success(try DurableFile.read(from: file, at: range.lowerBound, atMost: range.count))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let bytes): return bytes
        case .failure(let error): throw .internalFault("The file cannot be read: \(error).")
        }
    }
}
