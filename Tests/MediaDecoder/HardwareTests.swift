import CFFmpeg
import DecoderProtocol
import Dispatch
import Foundation
import Frames
import Synchronization
import Testing

@testable import MediaDecoder

/// The board's own decoder, played by one of libavcodec's: what the reader does about one that works, refuses or hangs.
@Suite struct HardwareTests {
    private static let h264: UInt32 = 0x3436_3248  // V4L2_PIX_FMT_H264
    private static let ready = HardwareReport(.ready, "/dev/video10")

    private static func film(_ folder: PhotoFolder) throws -> String {
        try DecoderProcessTests.film(folder, count: 12, options: ["-bf", "2", "-g", "6"])
    }

    /// All pictures from where the request begins, and once more after going back to the beginning.
    private static func pictures(
        _ path: String, _ hardware: HardwareUse?, start: Int64 = 0, mayUseHardware: Bool = true
    ) throws -> [RGBPicture] {
        av_log_set_level(AV_LOG_QUIET)
        var request = OpenRequest.video(160, 96, start: start)
        request.mayUseHardware = mayUseHardware
        let reader = try LibavReader(
            file: try PhotoFolder.descriptor(path), request: request, hardware: hardware)
        var pictures: [RGBPicture] = []
        for round in 0..<2 {
            if round == 1 { try reader.rewind() }
            while let (picture, _) = try nextPicture(reader) { pictures.append(picture) }
        }
        return pictures
    }

    @Test func aBoardWithoutADeviceHasNone() throws {
        let folder = try PhotoFolder()
        let empty = BoardDecoders.look(in: folder.path)
        #expect(empty == BoardDecoders(devices: [], nodes: 0))
        #expect(
            HardwareUse(empty, sandbox: SandboxReport()).report
                == HardwareReport(.absent, "there is no device /dev/video*"))
        // A camera takes no codings; a file is no device at all.
        try folder.write([], "video0")
        try folder.write([], "video-index")
        let other = BoardDecoders.look(in: folder.path)
        #expect(other == BoardDecoders(devices: [], nodes: 1))
        #expect(HardwareUse(other, sandbox: SandboxReport()).report.detail == "no device /dev/video* decodes video")
        #expect(BoardDecoders.look(in: folder.file("missing")) == BoardDecoders(devices: [], nodes: 0))
    }

    @Test func aDeviceServesItsCodingsOnlyInTheSandbox() {
        let board = BoardDecoders(
            devices: [BoardDecoders.Device(path: "/dev/video10", codings: [Self.h264])], nodes: 3)
        let use = HardwareUse(board, sandbox: SandboxReport())
        #expect(use.report == Self.ready)
        #expect(use.decoder(for: AV_CODEC_ID_H264) == "h264_v4l2m2m")
        #expect(use.decoder(for: AV_CODEC_ID_HEVC) == nil)
        let open = HardwareUse(board, sandbox: SandboxReport(landlock: "the kernel has no Landlock"))
        #expect(open.report.state == .absent)
        #expect(open.report.detail.contains("the kernel has no Landlock"))
        #expect(open.decoder(for: AV_CODEC_ID_H264) == nil)
    }

    @Test func oneThatWorksIsUsed() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let hardware = HardwareUse(report: Self.ready) { $0 == AV_CODEC_ID_H264 ? "h264" : nil }
        #expect(try Self.pictures(path, hardware) == Self.pictures(path, nil))
        #expect(hardware.report == HardwareReport(.inUse, "h264"))
        hardware.ended()
        #expect(hardware.report == Self.ready)
    }

    /// libavcodec's own, on a machine that has no such device.
    @Test func oneThatRefusesIsAnsweredFor() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        for start: Int64 in [0, 300_000_000] {
            // No decoder of this name decodes H.264 by a device that is not there.
            let hardware = HardwareUse(report: Self.ready) { _ in "vp8_v4l2m2m" }
            #expect(try Self.pictures(path, hardware, start: start) == Self.pictures(path, nil, start: start))
            #expect(hardware.report.state == .refused)
            #expect(hardware.report.detail.hasPrefix("vp8_v4l2m2m: "))
        }
    }

    /// A decoder for something else opens, and every packet is damage to it.
    @Test func oneThatGivesNothingIsAnsweredFor() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let hardware = HardwareUse(report: Self.ready) { _ in "vp8" }
        #expect(try Self.pictures(path, hardware) == Self.pictures(path, nil))
        #expect(hardware.report.state == .refused)
    }

    @Test func oneThatStandsStillIsLeft() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let hang = DispatchSemaphore(value: 0)
        defer { hang.signal() }
        let asked = Atomic<Int>(0)
        let hardware = HardwareUse(
            report: Self.ready, deadline: 20_000_000,
            willDecode: {
                asked.add(1, ordering: .relaxed)
                hang.wait()
            }, lookUp: { _ in "h264" })
        let software = try Self.pictures(path, nil)
        #expect(try Self.pictures(path, hardware) == software)
        #expect(hardware.report == HardwareReport(.stuck, "h264: no picture within 20 ms"))
        // Another medium does not try again, nor is it forgotten when one ends.
        hardware.ended()
        #expect(try Self.pictures(path, hardware) == software)
        #expect(hardware.report.state == .stuck)
        #expect(asked.load(ordering: .relaxed) == 1)
    }

    @Test func whereItMayNotItIsNotTried() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let hardware = HardwareUse(report: Self.ready) { _ in "h264" }
        _ = try Self.pictures(path, hardware, mayUseHardware: false)
        #expect(hardware.report == Self.ready)
    }

    @Test func theProgramTellsWhatThereIs() throws {
        let folder = try PhotoFolder()
        let path = try Self.film(folder)
        let decoder = try DecoderHarness()
        _ = try decoder.greet()
        _ = try decoder.open(path, .video(160, 96))
        let report = try #require(decoder.hardware)
        #expect(!report.detail.isEmpty)
        if BoardDecoders.look().devices.isEmpty { #expect(report.state == .absent) }
    }
}
