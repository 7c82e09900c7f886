import CFFmpeg
import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import SystemPackage
import Testing

@testable import MediaDecoder

extension PhotoFolder {
    func ffmpeg(_ arguments: [String]) throws {
        try run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"] + arguments)
    }

    func ffmpeg(_ arguments: String...) throws { try ffmpeg(arguments) }

    /// One frame of what ffmpeg makes of a file, as it stands after rotation, at a size.
    func videoReference(_ name: String, frame: Int = 0, _ size: PixelSize, matrix: String? = nil) throws -> RGBPicture {
        let colour = matrix.map { ":in_color_matrix=\($0)" } ?? ""
        try ffmpeg(
            "-i", name, "-vf", "select=eq(n\\,\(frame)),scale=\(size.width):\(size.height):flags=bicubic\(colour)",
            "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "reference.rgb")
        return RGBPicture(size: size, bytes: try bytes("reference.rgb"))
    }

    /// `source.mp4`'s frames are the test photo, which moves: `count` frames as PPM, `frame-0001.ppm` and so on.
    func writeFrames(_ size: PixelSize, count: Int) throws {
        let photo = RGBPicture.photo(size)
        for frame in 0..<count {
            var picture = photo
            // A white bar from the left that grows with every frame tells them apart, whatever a codec does.
            let bar = size.width * (frame + 1) / (count + 1)
            for y in 0..<size.height / 8 {
                for x in 0..<size.width {
                    for channel in 0..<3 { picture.bytes[(y * size.width + x) * 3 + channel] = x < bar ? 235 : 20 }
                }
            }
            let name = "frame-\(String(repeating: "0", count: 4 - "\(frame)".count))\(frame).ppm"
            try write(Array("P6\n\(size.width) \(size.height)\n255\n".utf8) + picture.bytes, name)
        }
    }
}

extension OpenRequest {
    static func video(
        _ width: Int, _ height: Int, fit: Fit = .contain, loops: Bool = false, start: Int64 = 0,
        memoryLimit: Int = 160_000_000, threads: Int = 1
    ) -> OpenRequest {
        OpenRequest(
            screen: PixelSize(width: width, height: height), fit: fit, formats: [.xrgb8888], loops: loops,
            start: start, memoryLimit: memoryLimit, threads: threads, suffix: "")
    }
}

func openVideo(_ path: String, _ request: OpenRequest) throws(DecodeFailure) -> LibavReader {
    av_log_set_level(AV_LOG_QUIET)
    return try LibavReader(file: try PhotoFolder.descriptor(path), request: request)
}

extension RGBPicture {
    /// Length of the white bar at the top, in parts of the width.
    var bar: Double {
        let y = size.height / 16
        var x = 0
        while x < size.width, pixel(x, y)[1] > 128 { x += 1 }
        return Double(x) / Double(size.width)
    }
}

/// An MP4 whose first track is to be turned clockwise: the matrix of its header (ISO 14496-12, 8.3.2) as phones write it.
func turned(_ bytes: [UInt8], _ degrees: Int) throws -> [UInt8] {
    var bytes = bytes
    let header = try #require(bytes.indices.dropLast(4).first { bytes[$0..<$0 + 4].elementsEqual("tkhd".utf8) })
    let one: [UInt8] = [0, 1, 0, 0]
    let minusOne: [UInt8] = [0xFF, 0xFF, 0, 0]
    let zero: [UInt8] = [0, 0, 0, 0]
    let (a, b, c, d) =
        switch degrees {
        case 90: (zero, one, minusOne, zero)
        case 180: (minusOne, zero, zero, minusOne)
        case 270: (zero, minusOne, one, zero)
        default: (one, zero, zero, one)
        }
    // Version 0: the matrix lies 40 bytes behind the type. It goes a, b, u, c, d, v, x, y, w, and w is 1 in 2.30.
    let matrix = a + b + zero + c + d + zero + zero + zero + [0x40, 0, 0, 0]
    bytes.replaceSubrange(header + 44..<header + 44 + matrix.count, with: matrix)
    return bytes
}
