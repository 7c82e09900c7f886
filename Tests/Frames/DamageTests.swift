import Frames
import LinuxSystem
import Testing

@Suite struct DamageTests {
    private func rectangle(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> PixelRectangle {
        PixelRectangle(x: x, y: y, width: width, height: height)
    }

    private func covers(_ damage: Damage, _ x: Int, _ y: Int) -> Bool {
        damage.rectangles.contains { ($0.x..<$0.maxX).contains(x) && ($0.y..<$0.maxY).contains(y) }
    }

    @Test func nothingAndEmptyRectanglesAreNoDamage() {
        var damage = Damage()
        damage.insert(rectangle(3, 3, 0, 5))
        damage.insert(rectangle(3, 3, 5, -1))
        #expect(damage.isEmpty)
        #expect(damage.bounds.isEmpty)
    }

    @Test func neighboursAndContainedOnesMerge() {
        var damage = Damage(rectangle(0, 0, 10, 10))
        damage.insert(rectangle(2, 2, 3, 3))
        damage.insert(rectangle(10, 0, 5, 10))
        #expect(damage.rectangles == [rectangle(0, 0, 15, 10)])
    }

    @Test func distantOnesStayApart() {
        var damage = Damage(rectangle(0, 0, 10, 10))
        damage.insert(rectangle(100, 100, 10, 10))
        #expect(damage.rectangles.count == 2)
        #expect(damage.bounds == rectangle(0, 0, 110, 110))
        #expect(damage.intersection(rectangle(0, 0, 50, 105)).rectangles == [rectangle(0, 0, 10, 10)])
    }

    @Test func itNeverCoversLessAndStaysSmall() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<50 {
            var damage = Damage()
            var inserted: [PixelRectangle] = []
            for _ in 0..<30 {
                let new = rectangle(
                    .random(in: 0..<60, using: &random), .random(in: 0..<60, using: &random),
                    .random(in: 0..<9, using: &random), .random(in: 0..<9, using: &random))
                damage.insert(new)
                inserted.append(new)
                #expect(damage.rectangles.count <= Damage.capacity)
            }
            for one in inserted where !one.isEmpty {
                for y in one.y..<one.maxY { for x in one.x..<one.maxX { #expect(covers(damage, x, y)) } }
            }
        }
    }

    @Test func scenesOfTheSameLayersDoNotDiffer() throws {
        let picture = try frame(.xrgb8888, 4, 4) { _, _ in 0 }
        let scene = Scene(layers: [
            Layer(frame: picture, destination: rectangle(0, 0, 4, 4)),
            Layer(frame: picture, destination: rectangle(8, 8, 4, 4), alpha: 10),
        ])
        #expect(Damage.between(scene, scene).isEmpty)
        #expect(Damage.between(.black, .black).isEmpty)
    }

    @Test func aChangedLayerIsDamageWhereItWasAndWhereItIs() throws {
        let picture = try frame(.xrgb8888, 4, 4) { _, _ in 0 }
        let copy = try frame(.xrgb8888, 4, 4) { _, _ in 0 }
        let background = Layer(frame: picture, destination: rectangle(0, 0, 100, 100))
        let before = Scene(layers: [background, Layer(frame: picture, destination: rectangle(10, 10, 4, 4))])
        let moved = Scene(layers: [background, Layer(frame: picture, destination: rectangle(50, 10, 4, 4))])
        #expect(Set(Damage.between(before, moved).rectangles) == [rectangle(10, 10, 4, 4), rectangle(50, 10, 4, 4)])
        // Another frame may hold other pixels.
        let replaced = Scene(layers: [background, Layer(frame: copy, destination: rectangle(10, 10, 4, 4))])
        #expect(Damage.between(before, replaced).rectangles == [rectangle(10, 10, 4, 4)])
        // Another order may show another one.
        let turned = Scene(layers: before.layers.reversed())
        #expect(covers(Damage.between(before, turned), 12, 12))
        #expect(Damage.between(before, .black).rectangles == [rectangle(0, 0, 100, 100)])
        var dimmed = before
        dimmed.layers[1].alpha = 4
        #expect(Damage.between(before, dimmed).rectangles == [rectangle(10, 10, 4, 4)])
    }

    @Test func aLayerThatIsInvisibleBeforeAndAfterIsNone() throws {
        let picture = try frame(.xrgb8888, 4, 4) { _, _ in 0 }
        let invisible = Scene(layers: [Layer(frame: picture, destination: rectangle(1, 2, 4, 4), alpha: 0)])
        #expect(Damage.between(.black, invisible).isEmpty)
    }
}
