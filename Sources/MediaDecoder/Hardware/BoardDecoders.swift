import CFFmpeg
import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// The board's own video decoders: V4L2, memory to memory, stateful. Looked for once, before the sandbox.
struct BoardDecoders: Equatable {
    struct Device: Equatable {
        /// `/dev/video10`.
        var path: String
        /// As V4L2 names them.
        var codings: Set<UInt32>
    }

    var devices: [Device] = []
    /// How many `/dev/video*` there were.
    var nodes = 0

    static func look(in folder: String = "/dev") -> BoardDecoders {
        var found = BoardDecoders()
        guard let entries = opendir(folder) else { return found }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix("video"), name.dropFirst(5).allSatisfy(\.isNumber), name.count > 5 { names.append(name) }
        }
        found.nodes = names.count
        for name in names.sorted() {
            var codings = [UInt32](repeating: 0, count: 32)
            let count = vitrine_v4l2_decodes("\(folder)/\(name)", &codings, CInt(codings.count))
            // An encoder of pictures takes raw ones.
            let known = Set(codings.prefix(max(0, Int(count)))).intersection(Self.codecs.map(\.coding))
            if !known.isEmpty { found.devices.append(Device(path: "\(folder)/\(name)", codings: known)) }
        }
        return found
    }

    /// libavcodec's name of what decodes this in the board.
    func decoder(for codec: AVCodecID) -> String? {
        guard let known = Self.codecs.first(where: { $0.codec == codec }),
            devices.contains(where: { $0.codings.contains(known.coding) })
        else { return nil }
        return known.name
    }

    private static func coding(_ name: StaticString) -> UInt32 {
        name.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// V4L2's names of whole streams; those of single slices (`S264`) are for decoders without a state.
    private static let codecs: [(codec: AVCodecID, coding: UInt32, name: String)] = [
        (AV_CODEC_ID_H264, coding("H264"), "h264_v4l2m2m"), (AV_CODEC_ID_HEVC, coding("HEVC"), "hevc_v4l2m2m"),
        (AV_CODEC_ID_VP8, coding("VP80"), "vp8_v4l2m2m"), (AV_CODEC_ID_VP9, coding("VP90"), "vp9_v4l2m2m"),
        (AV_CODEC_ID_MPEG2VIDEO, coding("MPG2"), "mpeg2_v4l2m2m"),
        (AV_CODEC_ID_MPEG4, coding("MPG4"), "mpeg4_v4l2m2m"),
    ]
}
