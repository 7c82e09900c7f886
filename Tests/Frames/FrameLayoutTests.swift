import Frames
import Testing

@Suite struct FrameLayoutTests {
    @Test func planesFollowEachOtherAndFillTheBuffer() {
        let size = PixelSize(width: 101, height: 51)
        let planar = FrameLayout(format: .yuv420, size: size, stride: 128, offset: 64)
        #expect(planar.planes.map(\.offset) == [64, 64 + 128 * 51, 64 + 128 * 51 + 64 * 26])
        #expect(planar.planes.map(\.stride) == [128, 64, 64])
        #expect(planar.planes[2].size == PixelSize(width: 51, height: 26))
        #expect(planar.byteCount == 64 + 128 * 51 + 2 * 64 * 26)
        let paired = FrameLayout(format: .nv12, size: size, stride: 128)
        #expect(paired.planes.map(\.offset) == [0, 128 * 51])
        #expect(paired.byteCount == 128 * (51 + 26))
        let packed = FrameLayout(packed: .rgb565, size: size)
        #expect(packed.planes == [FramePlane(offset: 0, stride: packed.stride, size: size)])
        #expect(packed.byteCount == packed.stride * 51)
    }

    @Test func onlyWhatLiesInItsBufferIsValid() {
        func layout(
            _ format: PixelFormat, _ width: Int, _ height: Int, _ stride: Int, _ offset: Int = 0
        ) -> FrameLayout {
            FrameLayout(
                format: format, size: PixelSize(width: width, height: height), stride: stride, offset: offset)
        }
        #expect(layout(.xrgb8888, 4, 4, 16).isValid(byteCount: 64))
        #expect(!layout(.xrgb8888, 4, 4, 16).isValid(byteCount: 63))
        #expect(layout(.xrgb8888, 4, 4, 16, 8).isValid(byteCount: 72))
        #expect(!layout(.xrgb8888, 4, 4, 16, 8).isValid(byteCount: 64))
        #expect(!layout(.xrgb8888, 4, 4, 12).isValid(byteCount: 640))
        #expect(!layout(.xrgb8888, 4, 4, 18).isValid(byteCount: 640))
        #expect(!layout(.xrgb8888, 4, 4, 16, -16).isValid(byteCount: 640))
        #expect(!layout(.xrgb8888, 0, 4, 16).isValid(byteCount: 640))
        #expect(!layout(.xrgb8888, 4, -4, 16).isValid(byteCount: 640))
        #expect(!layout(.xrgb8888, 4, .max, 16).isValid(byteCount: .max))
        #expect(!layout(.xrgb8888, 4, 4, .max).isValid(byteCount: .max))
        #expect(!layout(.xrgb8888, .min, 4, 16).isValid(byteCount: .max))
        #expect(!layout(.xrgb8888, 4, 4, 16, .max).isValid(byteCount: .max))
        // An odd row of Y needs room for a whole pair of chroma.
        #expect(!layout(.nv12, 5, 4, 5).isValid(byteCount: 640))
        #expect(layout(.nv12, 5, 4, 6).isValid(byteCount: 36))
        #expect(!layout(.yuv420, 6, 4, 6).isValid(byteCount: 35))
    }
}
