#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The header `Upload-Metadata` of tus: `filename d29ybGQ=,is_confidential`.
struct UploadMetadata: Equatable {
    var filename: String?

    init(filename: String) { self.filename = filename }

    /// nil when it is malformed or a value of ours is no UTF-8 text. What is not known is skipped.
    init?(header: String?) {
        for pair in (header ?? "").split(separator: ",") {
            let parts = pair.split(separator: " ")
            guard let key = parts.first, parts.count <= 2 else { return nil }
            guard parts.count == 2 else { continue }
            guard let bytes = Base64.decode(parts[1]) else { return nil }
            switch key {
            // Several clients say `name`; `filename` wins.
            case "filename", "name":
                guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
                if key == "filename" || filename == nil, !text.isEmpty { filename = text }
            default: continue
            }
        }
    }

    var text: String { filename.map { "filename \(Data($0.utf8).base64EncodedString())" } ?? "" }
}

enum Base64 {
    static func decode(_ text: some StringProtocol) -> [UInt8]? { Data(base64Encoded: String(text)).map { Array($0) } }
}
