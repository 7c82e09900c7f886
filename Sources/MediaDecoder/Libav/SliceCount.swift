import CFFmpeg

/// How many slices a coded picture has: parts that can be decoded beside each other.
enum SliceCount {
    /// How the units of a packet follow each other.
    enum Framing: Equatable {
        /// Behind start codes (H.264, annex B; MPEG-2).
        case startCodes
        /// Each behind its length, of so many bytes (ISO/IEC 14496-15, 5.3.3.1).
        case lengths(Int)

        /// - Parameter configuration: what the container says of the codec (`avcC`, or nothing).
        init(configuration: UnsafeRawBufferPointer) {
            let hasLengths = configuration.count > 4 && configuration[0] == 1
            self = hasLengths ? .lengths(Int(configuration[4] & 3) + 1) : .startCodes
        }
    }

    /// - Returns: at least 1, which also stands for what is not known.
    static func of(_ packet: UnsafeRawBufferPointer, codec: AVCodecID, framing: Framing) -> Int {
        var slices = 0
        var pictures = 0
        switch codec {
        case AV_CODEC_ID_H264:
            forEachUnit(of: packet, framing) { unit in
                guard unit.count > 1, [1, 5].contains(unit[0] & 31) else { return }
                slices += 1
                // Exp-Golomb's zero: the slice begins with the first block of a picture, which may be one field of two.
                if unit[1] & 0x80 != 0 { pictures += 1 }
            }
        case AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO:
            forEachUnit(of: packet, .startCodes) { unit in
                guard let code = unit.first else { return }
                if (0x01...0xAF).contains(code) { slices += 1 }
                if code == 0 { pictures += 1 }
            }
        default: break
        }
        return max(1, slices / max(1, pictures))
    }

    private static func forEachUnit(
        of packet: UnsafeRawBufferPointer, _ framing: Framing, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        switch framing {
        case .lengths(let size):
            var position = 0
            while position + size < packet.count {
                let length = packet[position..<position + size].reduce(0) { $0 << 8 | Int($1) }
                position += size
                guard length > 0, length <= packet.count - position else { return }
                body(UnsafeRawBufferPointer(rebasing: packet[position..<position + length]))
                position += length
            }
        case .startCodes:
            var start: Int?
            var position = 0
            while position + 2 < packet.count {
                // A start code ends with a 1: most places are passed by three at a time.
                if packet[position + 2] > 1 {
                    position += 3
                } else if packet[position] == 0, packet[position + 1] == 0, packet[position + 2] == 1 {
                    if let start { body(UnsafeRawBufferPointer(rebasing: packet[start..<position])) }
                    position += 3
                    start = position
                } else {
                    position += 1
                }
            }
            if let start { body(UnsafeRawBufferPointer(rebasing: packet[start...])) }
        }
    }
}
