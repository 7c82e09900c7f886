import FoundationEssentials
import LinuxSystem
package import SystemPackage

/// `library/<id>/meta.json`: what the index can be rebuilt from.
struct MetaFile: Codable, Equatable, Sendable {
    var version = 1
    var id: MediumID
    var name: String
    var kind: MediumKind?
    var width: Int?
    var height: Int?
    var durationSeconds: Double?
    var frameRate: Double?
    var decodeRate: Double?
    var sizeBytes: Int
    var addedAt: Int64
    var takenAt: Int64?
    var reason: String?
    var suggestion: String?
    var suffix: String
    var sha256: String
    var photoSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case version, id, name, kind, width, height, reason, suggestion, suffix, sha256
        case durationSeconds = "duration_seconds"
        case frameRate = "frame_rate"
        case decodeRate = "decode_rate"
        case sizeBytes = "size_bytes"
        case addedAt = "added_at"
        case takenAt = "taken_at"
        case photoSeconds = "photo_seconds"
    }

    init(_ medium: Medium) {
        id = medium.id
        name = medium.name
        kind = medium.kind
        width = medium.width
        height = medium.height
        durationSeconds = medium.durationSeconds
        frameRate = medium.frameRate
        decodeRate = medium.decodeRate
        sizeBytes = medium.sizeBytes
        addedAt = medium.addedAt
        takenAt = medium.takenAt
        reason = medium.reason
        suggestion = medium.suggestion
        suffix = medium.suffix
        sha256 = medium.sha256
        photoSeconds = medium.photoSeconds
    }

    /// The medium that it describes: being in the library, it was checked and plays.
    var medium: Medium {
        Medium(
            id: id, name: name, kind: kind, width: width, height: height, durationSeconds: durationSeconds,
            frameRate: frameRate, decodeRate: decodeRate, sizeBytes: sizeBytes, addedAt: addedAt,
            takenAt: takenAt, state: .ready, reason: reason, suggestion: suggestion, suffix: suffix, sha256: sha256,
            photoSeconds: photoSeconds)
    }
}

/// `uploads/<id>.json`: what is known of an upload besides its bytes. How many have come is the size of its part.
package struct UploadRecord: Codable, Equatable, Sendable {
    package var version = 1
    package var id: MediumID
    package var name: String
    /// nil: not announced; the upload ends when its sender says so.
    package var size: Int?
    /// Milliseconds since 1970.
    package var created: Int64
    /// The `Upload-Metadata` of tus as it came, to be given back.
    package var metadata: String?
    /// Set once every byte is on the disk; from then on the medium is acknowledged.
    package var complete: Completion?
    package var photoSeconds: Double?

    package struct Completion: Codable, Equatable, Sendable {
        package var sha256: String
        package var size: Int
        package var addedAt: Int64
        /// The medium that has the same content already; the part is not kept then.
        package var became: MediumID?

        enum CodingKeys: String, CodingKey {
            case sha256, size, became
            case addedAt = "added_at"
        }

        package init(sha256: String, size: Int, addedAt: Int64, became: MediumID? = nil) {
            self.sha256 = sha256
            self.size = size
            self.addedAt = addedAt
            self.became = became
        }
    }

    enum CodingKeys: String, CodingKey {
        case version, id, name, size, created, metadata, complete
        case photoSeconds = "photo_seconds"
    }

    package init(id: MediumID, name: String, size: Int?, created: Int64, metadata: String? = nil) {
        self.id = id
        self.name = name
        self.size = size
        self.created = created
        self.metadata = metadata
    }

    /// The medium that a complete upload is while it waits to be checked.
    var medium: Medium? {
        guard let complete, complete.became == nil else { return nil }
        return Medium(
            id: id, name: name, sizeBytes: complete.size, addedAt: complete.addedAt, state: .processing,
            suffix: MediumName.suffix(of: name) ?? "bin", sha256: complete.sha256, photoSeconds: photoSeconds)
    }
}

/// Small JSON files, written whole and durably, and read with suspicion.
package enum StoredRecord {
    package static func write(_ value: some Encodable & Sendable, to path: FilePath) throws(MediaFault) {
        let bytes = try encode(value, for: path)
        try attempt("writing", path) { () throws(Errno) in try DurableFile.replace(path, with: bytes) }
    }

    /// Writes a file into a folder that nobody knows yet; the caller synchronizes the folder.
    static func writeNew(_ value: some Encodable & Sendable, to path: FilePath) throws(MediaFault) {
        let bytes = try encode(value, for: path)
        try attempt("writing", path) { () throws(Errno) in
            let file = try Descriptor.open(
                path, .writeOnly, options: [.create, .exclusiveCreate],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try DurableFile.write(bytes, to: file)
            try file.synchronize()
        }
    }

    package static func read<Value: Decodable>(_ type: Value.Type, from path: FilePath) throws(MediaFault) -> Value {
        let bytes = try FolderEntries.contents(of: path)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw MediaFault(
                .damaged, .system, reason: "\(path) is damaged: \(error)",
                suggestion: "Upload the file again, and check the card")
        }
    }

    private static func encode(_ value: some Encodable, for path: FilePath) throws(MediaFault) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            throw MediaFault(
                .storage, .system, reason: "\(path) could not be put into JSON: \(error)",
                suggestion: "Please report this as a fault of Vitrine")
        }
    }
}
