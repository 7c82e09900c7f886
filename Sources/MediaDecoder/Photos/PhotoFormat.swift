/// The photo formats that are not libav's, told apart by their first bytes. Names and suffixes are never asked.
enum PhotoFormat: Equatable {
    case jpeg
    case png
    case webp
    /// HEIC, HEIF and still AVIF.
    case heif

    /// How many of a file's first bytes decide.
    static let byteCount = 16

    init?(_ start: [UInt8]) {
        if start.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if start.count >= 12, start.starts(with: "RIFF".utf8), start[8...].starts(with: "WEBP".utf8) {
            self = .webp
        } else if start.count >= 12, start[4...].starts(with: "ftyp".utf8),
            Self.stillBrands.contains(String(decoding: start[8..<12], as: UTF8.self))
        {
            self = .heif
        } else {
            return nil
        }
    }

    /// Major brands of files whose main thing is one picture (ISO/IEC 23008-12, 10.2, and the AVIF specification).
    /// Sequences (`avis`, `hevc`, `msf1`) hold a track, which libav plays.
    private static let stillBrands: Set<String> = [
        "heic", "heix", "heim", "heis", "mif1", "mif2", "miaf", "avif", "MiHB", "MiHE",
    ]
}
