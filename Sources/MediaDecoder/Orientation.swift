/// How a stored picture is turned and mirrored to stand upright: the eight values of EXIF tag 0x0112 (EXIF 2.32, 4.6.4).
enum Orientation: Int, CaseIterable {
    case upright = 1
    case mirrored = 2
    case turned180 = 3
    /// Upside down, mirrored.
    case flipped = 4
    /// Mirrored at the main diagonal.
    case transposed = 5
    /// To be turned clockwise by 90°.
    case turned90 = 6
    /// Mirrored at the other diagonal.
    case transversed = 7
    /// To be turned clockwise by 270°.
    case turned270 = 8

    /// Rows become columns.
    var swapsAxes: Bool { rawValue >= 5 }

    /// The stored x falls as the upright picture's coordinate along it grows.
    var mirrorsStoredX: Bool { [2, 3, 7, 8].contains(rawValue) }

    /// The stored y falls as the upright picture's coordinate along it grows.
    var mirrorsStoredY: Bool { [3, 4, 6, 7].contains(rawValue) }

    /// The clockwise turn that is part of it, in degrees.
    var rotation: Int {
        switch self {
        case .upright, .mirrored: 0
        case .turned180, .flipped: 180
        case .turned90, .transposed: 90
        case .turned270, .transversed: 270
        }
    }

    /// The orientation that a display matrix asks for (libavutil/display.h): its first two rows take a stored point to
    /// the shown one, in 16.16. Shears and free angles are rounded to the nearest quarter turn.
    init(displayMatrix matrix: (a: Int32, b: Int32, c: Int32, d: Int32)) {
        let a = Double(matrix.a)
        let b = Double(matrix.b)
        let c = Double(matrix.c)
        let d = Double(matrix.d)
        // x' = a x + c y, y' = b x + d y, y downwards.
        if abs(a) + abs(d) >= abs(b) + abs(c) {
            switch (a >= 0, d >= 0) {
            case (true, true): self = .upright
            case (false, true): self = .mirrored
            case (false, false): self = .turned180
            case (true, false): self = .flipped
            }
        } else {
            switch (c >= 0, b >= 0) {
            case (true, true): self = .transposed
            // x' = −y, y' = x: the stored left edge becomes the top, seen from the right.
            case (false, true): self = .turned90
            case (false, false): self = .transversed
            case (true, false): self = .turned270
            }
        }
    }
}
