import FoundationEssentials
import Frames
import LinuxSystem
import StillEncoding
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Small files that real decoders read, made from nothing.
enum TestMedia {
    static let size = PixelSize(width: 64, height: 48)

    /// A photo: a Windows bitmap, all of one colour.
    static func bitmap(red: UInt8, green: UInt8, blue: UInt8) -> [UInt8] {
        let pixels = size.pixelCount
        var bytes = Array("BM".utf8) + little(54 + pixels * 4) + little(0) + little(54)
        bytes += little(40) + little(size.width) + little(size.height) + little(1, bytes: 2) + little(32, bytes: 2)
        bytes += little(0) + little(pixels * 4) + little(2_835) + little(2_835) + little(0) + little(0)
        for _ in 0..<pixels { bytes += [blue, green, red, 0] }
        return bytes
    }

    /// A video of 25 frames a second, Motion JPEG in AVI: frame `n` is grey of brightness `4 n + 20`.
    static func video(frames: Int) throws -> [UInt8] {
        let pictures = try (0..<frames).map { try jpeg(brightness: UInt8(clamping: 4 * $0 + 20)) }
        let largest = pictures.map(\.count).max() ?? 0

        let main =
            little(40_000) + little(largest * 25) + little(0) + little(0x10) + little(frames) + little(0) + little(1)
            + little(largest) + little(size.width) + little(size.height) + [UInt8](repeating: 0, count: 16)
        let stream =
            Array("vidsMJPG".utf8) + little(0) + little(0) + little(0) + little(1) + little(25) + little(0)
            + little(frames) + little(largest) + little(10_000) + little(0) + little(0)
            + little(size.width, bytes: 2) + little(size.height, bytes: 2)
        let format =
            little(40) + little(size.width) + little(size.height) + little(1, bytes: 2) + little(24, bytes: 2)
            + Array("MJPG".utf8) + little(size.pixelCount * 3) + [UInt8](repeating: 0, count: 16)

        var movie = Array("movi".utf8)
        var index: [UInt8] = []
        for picture in pictures {
            index += Array("00dc".utf8) + little(0x10) + little(movie.count) + little(picture.count)
            movie += chunk("00dc", picture)
        }
        let streams = chunk("LIST", Array("strl".utf8) + chunk("strh", stream) + chunk("strf", format))
        let header = chunk("LIST", Array("hdrl".utf8) + chunk("avih", main) + streams)
        return chunk("RIFF", Array("AVI ".utf8) + header + chunk("LIST", movie) + chunk("idx1", index))
    }

    private static func jpeg(brightness: UInt8) throws -> [UInt8] {
        let layout = FrameLayout(packed: .xrgb8888, size: size)
        let pixels = [UInt8](repeating: brightness, count: layout.byteCount)
        return try pixels.withUnsafeBytes { try StillEncoding.jpeg($0, layout: layout, quality: 95) }
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        Array(name.utf8) + little(content.count) + content + (content.count % 2 == 0 ? [] : [0])
    }

    private static func little(_ value: Int, bytes: Int = 4) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// An open file without a name, with these bytes.
    static func file(_ bytes: [UInt8]) throws -> Descriptor {
        let path = FilePath("/tmp/vitrine-medium-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        let file = try Descriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
        unlink(path.string)
        try DurableFile.write(bytes, to: file, at: 0)
        return file
    }
}

/// The decoder that was built with these tests.
enum RealDecoder {
    /// Beside the program that runs the tests; nil when it was not built.
    static let executable: FilePath? = {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
        var places = [FilePath(own)]
        // Run by a helper of the toolchain, the test bundle is an argument of it.
        places += CommandLine.arguments.map { FilePath($0) }
        return places.map { $0.removingLastComponent().appending("vitrine-decoder") }
            .first { access($0.string, X_OK) == 0 }
    }()
}
