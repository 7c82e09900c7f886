import DecoderProtocol
import Foundation
import Frames
import LinuxSystem
import SystemPackage
import Testing

@testable import MediaDecoder

/// Makes photos with the tools that people use, in a folder of its own that goes with it.
final class PhotoFolder {
    struct ToolFailure: Error, CustomStringConvertible {
        var description: String
    }

    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "vitrine-photos-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    static func descriptor(_ path: String) throws(DecodeFailure) -> Descriptor {
        do {
            return try Descriptor.open(FilePath(path), .readOnly)
        } catch {
            throw .unreadable(error)
        }
    }

    /// Runs a tool in the folder.
    func run(_ arguments: String...) throws { try run(arguments) }

    func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let words = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ToolFailure(
                description: arguments.joined(separator: " ") + ": " + String(decoding: words, as: UTF8.self))
        }
    }

    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name)))) }

    /// The test picture as `source.ppm`.
    func writeSource(_ size: PixelSize) throws {
        let picture = RGBPicture.photo(size)
        try write(Array("P6\n\(size.width) \(size.height)\n255\n".utf8) + picture.bytes, "source.ppm")
    }

    /// A HEIC of tiles, by the means of the end-to-end tests.
    func tiledHEIC(_ arguments: String..., from file: String = #filePath) throws {
        let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        try run(["python3", tests.appendingPathComponent("EndToEnd/tiled_heic.py").path] + arguments)
    }

    /// What ImageMagick makes of a file: upright, flattened on black, at a size.
    func reference(_ name: String, _ size: PixelSize) throws -> RGBPicture {
        try run(
            "convert", name, "-auto-orient", "-background", "black", "-alpha", "remove", "-alpha", "off",
            "-colorspace", "sRGB", "-resize", "\(size.width)x\(size.height)!", "-depth", "8", "-type", "TrueColor",
            "rgb:reference.rgb")
        return RGBPicture(size: size, bytes: try bytes("reference.rgb"))
    }
}

/// A picture of 8-bit red, green and blue without gaps.
struct RGBPicture: Equatable {
    var size: PixelSize
    var bytes: [UInt8]

    /// Soft and hard edges, all hues, no symmetry whatever.
    static func photo(_ size: PixelSize) -> RGBPicture {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size.pixelCount * 3)
        let width = size.width
        let height = size.height
        for y in 0..<height {
            for x in 0..<width {
                var red = 40 + 180 * x / width
                var green = 30 + 190 * y / height
                var blue = 200 - 150 * (x + y) / (width + height)
                // A disc up on the left, a bar down on the right.
                let dx = x * 8 - width * 2
                let dy = (y * 8 - height * 3) * width / height
                if dx * dx + dy * dy < width * width {
                    red = 230
                    green = green / 2
                    blue = 60
                }
                if x * 10 > width * 7, x * 10 < width * 8, y * 2 > height {
                    red = 20
                    green = 40
                    blue = 120
                }
                bytes.append(UInt8(red))
                bytes.append(UInt8(green))
                bytes.append(UInt8(blue))
            }
        }
        return RGBPicture(size: size, bytes: bytes)
    }

    /// Decibels of the peak signal over the noise; 99 when nothing differs.
    func similarity(_ other: RGBPicture) -> Double {
        guard size == other.size, bytes.count == other.bytes.count, !bytes.isEmpty else { return 0 }
        var sum = 0
        for (one, two) in zip(bytes, other.bytes) {
            let difference = Int(one) - Int(two)
            sum += difference * difference
        }
        return sum == 0 ? 99 : 10 * log10(255 * 255 * Double(bytes.count) / Double(sum))
    }

    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        let start = (y * size.width + x) * 3
        return Array(bytes[start..<start + 3])
    }

    init(size: PixelSize, bytes: [UInt8]) {
        self.size = size
        self.bytes = bytes
    }

    /// The colours of a frame.
    init(_ pixels: UnsafeRawBufferPointer, layout: FrameLayout) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(layout.size.pixelCount * 3)
        for y in 0..<layout.size.height {
            for x in 0..<layout.size.width {
                let start = layout.offset + y * layout.stride + x * 4
                bytes.append(pixels[start + 2])
                bytes.append(pixels[start + 1])
                bytes.append(pixels[start])
            }
        }
        self.init(size: layout.size, bytes: bytes)
    }
}

extension OpenRequest {
    static func photo(
        _ width: Int, _ height: Int, fit: Fit = .contain, memoryLimit: Int = 160_000_000
    ) -> OpenRequest {
        OpenRequest(
            screen: PixelSize(width: width, height: height), fit: fit, formats: [.xrgb8888], loops: false,
            memoryLimit: memoryLimit, threads: 1, suffix: "")
    }
}

/// Opens a photo of these bytes as the decoder does.
func openPhoto(_ path: String, _ request: OpenRequest) throws -> (any MediumReader)? {
    PhotoReaders.prepare()
    let file = try Descriptor.open(FilePath(path), .readOnly)
    return try PhotoReaders.open(file: file, request: request)
}

/// The next frame of a reader, over a buffer full of other things.
func nextPicture(_ reader: any MediumReader, late: Int64 = 0) throws -> (RGBPicture, ReadFrame)? {
    let layout = reader.layout
    let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.byteCount, alignment: 64)
    defer { pixels.deallocate() }
    pixels.initializeMemory(as: UInt8.self, repeating: 0xA7)
    guard let frame = try reader.nextFrame(into: pixels, late: late) else { return nil }
    return (RGBPicture(UnsafeRawBufferPointer(pixels), layout: layout), frame)
}

func showPhoto(_ path: String, _ request: OpenRequest) throws -> RGBPicture {
    let reader = try #require(try openPhoto(path, request))
    return try #require(try nextPicture(reader)).0
}

/// An EXIF block with an orientation and two other tags, from the TIFF header on.
func exifBlock(_ orientation: Int, bigEndian: Bool = true) -> [UInt8] {
    func word(_ value: Int) -> [UInt8] {
        let bytes = [UInt8(value >> 8 & 255), UInt8(value & 255)]
        return bigEndian ? bytes : bytes.reversed()
    }
    func long(_ value: Int) -> [UInt8] {
        bigEndian ? word(value >> 16) + word(value & 0xFFFF) : word(value & 0xFFFF) + word(value >> 16)
    }
    let mark = Array((bigEndian ? "MM" : "II").utf8)
    let first = word(0x0100) + word(4) + long(1) + long(64)
    let second = word(0x0112) + word(3) + long(1) + word(orientation) + word(0)
    let third = word(0x0128) + word(3) + long(1) + word(2) + word(0)
    return mark + word(42) + long(8) + word(3) + first + second + third + long(0)
}

/// A JPEG with that EXIF block right behind its first marker.
func jpeg(_ bytes: [UInt8], exif: [UInt8]) -> [UInt8] {
    let contents = Array("Exif\0\0".utf8) + exif
    let length = contents.count + 2
    return bytes[..<2] + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + contents + bytes[2...]
}

/// xorshift64*: the same faults in every run.
struct Faults {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}
