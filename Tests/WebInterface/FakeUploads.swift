import Crypto
import Synchronization

@testable import WebInterface

/// A store of uploads in memory, with every extension.
final class FakeUploads: UploadTermination, UploadVerification, UploadExpiration {
    struct State {
        var uploads: [String: UploadStatus] = [:]
        var bytes: [String: [UInt8]] = [:]
        var locked: Set<String> = []
        var put: [(name: String, size: Int?, bytes: [UInt8])] = []
        var refusal: ProblemError?
    }

    let state = Mutex(State())
    let limit: Int?

    init(limit: Int? = 1_000_000) { self.limit = limit }

    var maximumSize: Int? { get async { limit } }
    let checksumAlgorithms = ["sha1", "sha256"]

    func bytes(of id: String) -> [UInt8] { state.withLock { $0.bytes[id] ?? [] } }

    func create(_ upload: NewUpload) async throws(ProblemError) -> UploadStatus {
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        return state.withLock { state in
            let id = "u\(state.uploads.count + 1)"
            let status = UploadStatus(
                id: id, name: upload.name, offset: 0, size: upload.size, metadata: upload.metadata,
                expiresAt: Timestamp(milliseconds: 1_795_215_780_000))
            state.uploads[id] = status
            state.bytes[id] = []
            return status
        }
    }

    func uploadForResuming(_ id: String) async throws(ProblemError) -> UploadStatus { try await upload(id) }

    func upload(_ id: String) async throws(ProblemError) -> UploadStatus {
        guard let upload = state.withLock({ $0.uploads[id] }) else { throw .notFound("upload \(id)") }
        return upload
    }

    func append(_ body: RequestChunks, to id: String, at offset: Int) async throws(ProblemError) -> UploadStatus {
        try await check(id, offset)
        for try await chunk in body { try add(chunk, to: id) }
        return try await upload(id)
    }

    func append(_ body: RequestChunks, to id: String, at offset: Int, verifying checksum: UploadChecksum)
        async throws(ProblemError) -> UploadStatus
    {
        try await check(id, offset)
        var piece: [UInt8] = []
        for try await chunk in body { piece += chunk }
        let digest: [UInt8] =
            checksum.algorithm == "sha1" ? Array(Insecure.SHA1.hash(data: piece)) : Array(SHA256.hash(data: piece))
        guard digest == checksum.digest else { throw .checksumMismatch }
        try add(piece, to: id)
        return try await upload(id)
    }

    func terminate(_ id: String) async throws(ProblemError) {
        guard state.withLock({ $0.uploads.removeValue(forKey: id) }) != nil else { throw .notFound("upload \(id)") }
    }

    func put(name: String, size: Int?, body: RequestChunks) async throws(ProblemError) -> MediaItem {
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        var bytes: [UInt8] = []
        for try await chunk in body { bytes += chunk }
        let whole = bytes
        state.withLock { $0.put.append((name, size, whole)) }
        return MediaItem(
            id: "0123", name: name, sizeBytes: bytes.count, addedAt: Timestamp(milliseconds: 0), state: .processing)
    }

    private func check(_ id: String, _ offset: Int) async throws(ProblemError) {
        let upload = try await upload(id)
        if state.withLock({ $0.locked.contains(id) }) { throw .locked("Another request adds to this upload.") }
        guard upload.offset == offset else { throw .offsetMismatch(expected: upload.offset, got: offset) }
    }

    private func add(_ chunk: [UInt8], to id: String) throws(ProblemError) {
        let fits = state.withLock { state in
            guard var upload = state.uploads[id], upload.offset + chunk.count <= upload.size else { return false }
            upload.offset += chunk.count
            state.uploads[id] = upload
            state.bytes[id, default: []] += chunk
            return true
        }
        if !fits { throw .tooLarge("More bytes than announced.") }
    }
}

/// A store that can do the least.
struct PlainUploads: UploadAccess {
    var maximumSize: Int? { get async { nil } }
    func create(_ upload: NewUpload) async throws(ProblemError) -> UploadStatus { throw .noRoom("No.") }
    func upload(_ id: String) async throws(ProblemError) -> UploadStatus { throw .notFound("upload") }
    func uploadForResuming(_ id: String) async throws(ProblemError) -> UploadStatus { throw .notFound("upload") }
    func append(_ body: RequestChunks, to id: String, at offset: Int) async throws(ProblemError) -> UploadStatus {
        throw .notFound("upload")
    }
    func put(name: String, size: Int?, body: RequestChunks) async throws(ProblemError) -> MediaItem {
        throw .unsupportedMedia("No.")
    }
}
