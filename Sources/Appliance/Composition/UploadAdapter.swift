import Intake
import LinuxSystem
import MediaIndex
import WebInterface

/// The upload store, as the web interface asks for it.
struct UploadAdapter: UploadTermination, UploadVerification, UploadExpiration {
    let store: UploadStore
    let library: MediaLibrary
    let events: EventBroadcast
    let settings: UploadSettings
    let messages: OnScreenMessages
    let clock: any BoardClock

    /// The card's room is no limit of its own: the store says when there is none, with another answer.
    var maximumSize: Int? { settings.maximumByteCount }

    var checksumAlgorithms: [String] { IntakeChecksum.Algorithm.allCases.map(\.rawValue) }

    func create(_ upload: NewUpload) async throws(ProblemError) -> UploadStatus {
        await status(
            try await answering { () async throws(MediaFault) in
                try await store.create(name: upload.name, size: upload.size, metadata: upload.metadata)
            })
    }

    func upload(_ id: String) async throws(ProblemError) -> UploadStatus {
        let id = try mediumID(id)
        return await status(try await answering { () async throws(MediaFault) in try await store.info(id) })
    }

    func uploadForResuming(_ id: String) async throws(ProblemError) -> UploadStatus {
        let id = try mediumID(id)
        return await status(
            try await answering { () async throws(MediaFault) in try await store.infoForResuming(id) })
    }

    func append(_ body: RequestChunks, to id: String, at offset: Int) async throws(ProblemError) -> UploadStatus {
        try await append(body, id, offset, nil)
    }

    func append(
        _ body: RequestChunks, to id: String, at offset: Int, verifying checksum: WebChecksum
    ) async throws(ProblemError) -> UploadStatus {
        guard let algorithm = IntakeChecksum.Algorithm(rawValue: checksum.algorithm) else {
            throw .badRequest(
                "The checksum algorithm \(checksum.algorithm) is not known here.",
                suggestion: "Use \(checksumAlgorithms.joined(separator: " or ")).")
        }
        return try await append(body, id, offset, IntakeChecksum(algorithm: algorithm, digest: checksum.digest))
    }

    private func append(
        _ body: RequestChunks, _ id: String, _ offset: Int, _ checksum: IntakeChecksum?
    ) async throws(ProblemError) -> UploadStatus {
        let identity = try mediumID(id)
        let known = try? await store.info(identity)
        defer { messages.received(id) }
        let counted = CountedChunks(base: body, offset: offset, size: known?.size, clock: clock) { [messages] count in
            messages.receiving(id, name: known?.name ?? "a file", byteCount: count, of: known?.size)
        }
        do throws(MediaFault) {
            let info = try await store.append(to: identity, at: offset, checksum: checksum, bytes: counted)
            let status = await status(info)
            if let medium = status.medium { events.publish(.medium(medium)) }
            return status
        } catch {
            if error.code == .offsetMismatch, let info = try? await store.info(identity) {
                throw .offsetMismatch(expected: info.offset, got: offset)
            }
            throw ProblemError(error)
        }
    }

    func put(name: String, size: Int?, body: RequestChunks) async throws(ProblemError) -> MediaItem {
        let id = "\(name) \(clock.now.nanoseconds)"
        defer { messages.received(id) }
        let counted = CountedChunks(base: body, size: size, clock: clock) { [messages] count in
            messages.receiving(id, name: name, byteCount: count, of: size)
        }
        let medium = try await answering { () async throws(MediaFault) in
            try await store.put(name: name, size: size, bytes: counted)
        }
        let item = MediaItem(medium)
        events.publish(.medium(item))
        return item
    }

    func terminate(_ id: String) async throws(ProblemError) {
        let id = try mediumID(id)
        try await answering { () async throws(MediaFault) in try await store.terminate(id) }
    }

    private func status(_ info: UploadInfo) async -> UploadStatus {
        var medium: Medium?
        if let id = info.medium { medium = try? await library.medium(id) }
        return UploadStatus(
            id: info.id.rawValue, name: info.name, offset: info.offset, size: info.size ?? info.offset,
            metadata: info.metadata,
            expiresAt: info.expiresAt.map { Timestamp(milliseconds: $0) }, medium: medium.map { MediaItem($0) })
    }
}
