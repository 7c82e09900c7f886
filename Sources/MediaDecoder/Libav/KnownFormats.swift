import DecoderProtocol

/// What libav may be used for. A format that is not listed is not opened, though libav knows it: playlists and the like name
/// other files, and rarely used parsers are where the holes are.
enum KnownFormats {
    /// Demultiplexers by libavformat's names.
    static let demultiplexers = [
        "mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg", "ogg", "flv", "asf", "ivf",
        "gif", "apng", "bmp_pipe", "tiff_pipe",
    ]

    /// Decoders by libavcodec's names.
    static let decoders = [
        "h264", "hevc", "vp8", "vp9", "libdav1d", "av1", "libaom-av1", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg",
        "h263", "flv", "theora", "msmpeg4", "msmpeg4v2", "wmv1", "wmv2", "wmv3", "vc1", "prores", "ffv1", "qtrle",
        "gif", "apng", "png", "bmp", "tiff",
    ]

    /// Formats whose one picture is a photo to the user.
    static func kind(format: String) -> MediumKind {
        if format == "gif" || format == "apng" { return .animation }
        return format.hasSuffix("_pipe") ? .image : .video
    }

    /// Whether a file begins like a format that is listed, so that what cannot be opened is damaged rather than foreign.
    static func looksKnown(_ start: [UInt8]) -> Bool {
        func has(_ text: String, at offset: Int = 0) -> Bool {
            start.count >= offset + text.utf8.count && start[offset...].starts(with: text.utf8)
        }
        return ["ftyp", "moov", "mdat", "wide", "free"].contains { has($0, at: 4) }
            || start.starts(with: [0x1A, 0x45, 0xDF, 0xA3])  // EBML: Matroska, WebM
            || (has("RIFF") && has("AVI ", at: 8)) || has("GIF8") || has("OggS") || has("FLV\u{1}") || has("DKIF")
            || has("BM") || has("II*\0") || start.starts(with: [0x4D, 0x4D, 0, 0x2A])
            || start.starts(with: [0x89, 0x50, 0x4E, 0x47]) || start.starts(with: [0, 0, 1, 0xBA])
            || start.starts(with: [0x30, 0x26, 0xB2, 0x75])  // ASF
    }
}
