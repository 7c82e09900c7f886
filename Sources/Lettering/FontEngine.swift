import CFont
import CFreeType
import CHarfBuzz
import Frames

/// FreeType and HarfBuzz with the shipped font open in both. Not for two threads at once: `Typesetter` sees to that.
final class FontEngine {
    /// A glyph of a run, in the order from left to right.
    struct ShapedGlyph {
        var id: UInt32
        /// Index of the first character that it stands for.
        var cluster: Int
        /// In pixels: how far the next one is, and where it stands off the line (upwards is positive).
        var advance: Double
        var offsetX: Double
        var offsetY: Double
    }

    private let library: FT_Library
    private let face: FT_Face
    private let font: OpaquePointer
    private let buffer: OpaquePointer
    private let language = hb_language_from_string("en", -1)
    private var size = 0
    private var edges = TextEdges.smooth

    init() throws(LetteringError) {
        let bytes = vitrine_font_bytes()
        let count = vitrine_font_byte_count()
        var library: FT_Library?
        var code = FT_Init_FreeType(&library)
        guard code == 0, let library else { throw .library("FreeType", code: Int(code)) }
        var face: FT_Face?
        code = FT_New_Memory_Face(library, bytes, FT_Long(count), 0, &face)
        guard code == 0, let face else {
            FT_Done_FreeType(library)
            throw .library("FreeType", code: Int(code))
        }
        // HarfBuzz hands out empty objects instead of failing, and each keeps what it is made of.
        let blob = hb_blob_create(
            UnsafeRawPointer(bytes)?.assumingMemoryBound(to: CChar.self), CUnsignedInt(count),
            HB_MEMORY_MODE_READONLY, nil, nil)
        let shapes = hb_face_create(blob, 0)
        let font = hb_font_create(shapes)
        let buffer = hb_buffer_create()
        hb_face_destroy(shapes)
        hb_blob_destroy(blob)
        guard let font, let buffer else {
            hb_buffer_destroy(buffer)
            hb_font_destroy(font)
            FT_Done_Face(face)
            FT_Done_FreeType(library)
            throw .library("HarfBuzz", code: 0)
        }
        self.library = library
        self.face = face
        self.font = font
        self.buffer = buffer
    }

    deinit {
        hb_buffer_destroy(buffer)
        hb_font_destroy(font)
        FT_Done_Face(face)
        FT_Done_FreeType(library)
    }

    /// Pixels of the em square and the kind of strokes for what follows.
    func use(size: Int, edges: TextEdges) throws(LetteringError) {
        self.edges = edges
        guard size != self.size else { return }
        let code = FT_Set_Pixel_Sizes(face, 0, FT_UInt(size))
        guard code == 0 else { throw .library("FreeType", code: Int(code)) }
        hb_font_set_scale(font, CInt(size * 64), CInt(size * 64))
        self.size = size
    }

    /// Pixels from a line's top to its baseline, and from line to line, as the font's maker wants them.
    var ascent: Int { scaled(Int(face.pointee.ascender)) }
    var lineHeight: Int { ascent + scaled(-Int(face.pointee.descender)) }

    private func scaled(_ units: Int) -> Int {
        let em = max(1, Int(face.pointee.units_per_EM))
        return (units * size + em - 1) / em
    }

    /// The glyphs of a range of a text, all of one script and direction.
    func shape(
        _ text: [UInt32], range: Range<Int>, script: hb_script_t, rightToLeft: Bool
    ) -> [ShapedGlyph] {
        hb_buffer_reset(buffer)
        hb_buffer_add_utf32(buffer, text, CInt(text.count), CUnsignedInt(range.lowerBound), CInt(range.count))
        hb_buffer_set_direction(buffer, rightToLeft ? HB_DIRECTION_RTL : HB_DIRECTION_LTR)
        hb_buffer_set_script(buffer, script)
        hb_buffer_set_language(buffer, language)
        hb_shape(font, buffer, nil, 0)
        var count: CUnsignedInt = 0
        let infos = hb_buffer_get_glyph_infos(buffer, &count)
        let positions = hb_buffer_get_glyph_positions(buffer, &count)
        guard let infos, let positions else { return [] }
        return (0..<Int(count)).map { index in
            let advance = Double(positions[index].x_advance) / 64
            return ShapedGlyph(
                id: infos[index].codepoint, cluster: Int(infos[index].cluster),
                // Strokes on whole pixels are evenly apart when letters begin on whole pixels.
                advance: edges == .sharp ? advance.rounded() : advance, offsetX: Double(positions[index].x_offset) / 64,
                offsetY: Double(positions[index].y_offset) / 64)
        }
    }

    /// Draws one glyph with its origin at a place on the canvas. A glyph that fails to load leaves a gap.
    func draw(_ glyph: UInt32, x: Double, y: Double, colour: Colour, on canvas: Canvas, clip: PixelRectangle) {
        let isSharp = edges == .sharp
        guard FT_Load_Glyph(face, glyph, isSharp ? vitrine_ft_load_mono : vitrine_ft_load_light) == 0,
            let slot = face.pointee.glyph
        else { return }
        // A stroke that is to be on whole pixels does not begin between them.
        let column = isSharp ? x.rounded() : x.rounded(.down)
        let row = y.rounded()
        if !isSharp, slot.pointee.format == FT_GLYPH_FORMAT_OUTLINE {
            FT_Outline_Translate(&slot.pointee.outline, FT_Pos((x - column) * 64), 0)
        }
        guard FT_Render_Glyph(slot, isSharp ? FT_RENDER_MODE_MONO : FT_RENDER_MODE_NORMAL) == 0 else { return }
        let bitmap = slot.pointee.bitmap
        let mode = isSharp ? FT_PIXEL_MODE_MONO : FT_PIXEL_MODE_GRAY
        guard bitmap.pixel_mode == UInt8(mode.rawValue), let rows = bitmap.buffer else { return }
        let left = Int(column) + Int(slot.pointee.bitmap_left)
        let top = Int(row) - Int(slot.pointee.bitmap_top)
        for y in 0..<Int(bitmap.rows) {
            let line = rows + y * Int(bitmap.pitch)
            for x in 0..<Int(bitmap.width) {
                // One bit a pixel: the leftmost is the highest.
                let coverage = isSharp ? (line[x / 8] >> UInt8(7 - x % 8) & 1) * 255 : line[x]
                canvas.blend(colour, coverage: coverage, x: left + x, y: top + y, clip: clip)
            }
        }
    }
}
