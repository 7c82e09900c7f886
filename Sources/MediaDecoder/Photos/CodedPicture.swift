import CFFmpeg

/// One coded picture, as libheif hands it over.
final class CodedPicture {
    private let codec: AVCodecID
    private var packet: UnsafeMutablePointer<AVPacket>?

    init?(_ codec: AVCodecID) {
        self.codec = codec
        packet = av_packet_alloc()
        if packet == nil { return nil }
    }

    deinit { av_packet_free(&packet) }

    /// Takes a part. HEVC comes in units with their lengths (four bytes, big-endian), which become start codes; AV1 as it is.
    func append(_ data: UnsafeRawPointer, count: Int) -> Bool {
        guard let packet, count > 0, count < 1 << 30 else { return false }
        let start = Int(packet.pointee.size)
        guard av_grow_packet(packet, CInt(count)) == 0, let bytes = packet.pointee.data else { return false }
        let added = UnsafeMutableRawBufferPointer(start: bytes + start, count: count)
        added.copyMemory(from: UnsafeRawBufferPointer(start: data, count: count))
        return codec == AV_CODEC_ID_HEVC ? Self.writeStartCodes(added) : true
    }

    private static func writeStartCodes(_ units: UnsafeMutableRawBufferPointer) -> Bool {
        var offset = 0
        while offset < units.count {
            guard offset + 4 <= units.count else { return false }
            let length = units[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= units.count - offset - 4 else { return false }
            units.storeBytes(of: UInt32(1).bigEndian, toByteOffset: offset, as: UInt32.self)
            offset += 4 + length
        }
        return true
    }

    /// The picture, in memory of its own: everything else of the decoder is freed.
    func decode() -> UnsafeMutablePointer<AVFrame>? {
        guard let codec = avcodec_find_decoder(codec), let packet, packet.pointee.size > 0 else { return nil }
        var context = avcodec_alloc_context3(codec)
        defer { avcodec_free_context(&context) }
        guard let context else { return nil }
        // Each thread would hold a picture.
        context.pointee.thread_count = 1
        context.pointee.max_pixels = Int64(PhotoCost.mostPixels)
        guard avcodec_open2(context, codec, nil) == 0, avcodec_send_packet(context, packet) == 0 else { return nil }
        av_packet_unref(packet)
        avcodec_send_packet(context, nil)
        var frame = av_frame_alloc()
        guard let received = frame, avcodec_receive_frame(context, received) == 0 else {
            av_frame_free(&frame)
            return nil
        }
        return received
    }
}
