import Synchronization

extension MediumID {
    /// Milliseconds since 1970 that the id was made at, as far as the clock was right then.
    public var milliseconds: Int64 { Int64(rawValue.prefix(12), radix: 16) ?? 0 }

    /// A UUIDv7 (RFC 9562, 5.7) that is greater than `last`, even when the clock went back meanwhile: the time is then
    /// that of `last`, and its random part grows (RFC 9562, 6.2, method 2).
    ///
    /// - Parameter milliseconds: since 1970.
    public static func make(
        at milliseconds: Int64, after last: MediumID? = nil, random: inout some RandomNumberGenerator
    ) -> MediumID {
        let limit: Int64 = (1 << 48) - 1
        var time = min(max(milliseconds, 0), limit)
        var high = UInt64.random(in: 0...0xfff, using: &random)
        var low = UInt64.random(in: 0...(1 << 62 - 1), using: &random)
        if let last, last.milliseconds >= time {
            time = last.milliseconds
            high = UInt64(last.rawValue.dropFirst(13).prefix(3), radix: 16) ?? 0
            low = (UInt64(last.rawValue.suffix(16), radix: 16) ?? 0) & (1 << 62 - 1)
            low += UInt64.random(in: 1...(1 << 32), using: &random)
            if low >= 1 << 62 {
                low &= 1 << 62 - 1
                high += 1
            }
            if high > 0xfff {
                high = 0
                time = min(time + 1, limit)
            }
        }
        let upper = UInt64(time) << 16 | 0x7000 | high
        return MediumID(upper: upper, lower: 1 << 63 | low)
    }

    private init(upper: UInt64, lower: UInt64) {
        let digits = [UInt8]("0123456789abcdef".utf8)
        let text = String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<16 {
                buffer[index] = digits[Int(upper >> UInt64(60 - 4 * index) & 15)]
                buffer[16 + index] = digits[Int(lower >> UInt64(60 - 4 * index) & 15)]
            }
            return 32
        }
        self.init(digits: text)
    }
}

/// Makes ids that sort by arrival: each is greater than all before it, also across a restart with a clock that stands
/// in the past, when it is begun with the greatest id that the index knows.
package final class MediumIDSource: Sendable {
    private let last: Mutex<MediumID?>

    package init(after last: MediumID? = nil) { self.last = Mutex(last) }

    package func next(at milliseconds: Int64) -> MediumID {
        last.withLock { last in
            var random = SystemRandomNumberGenerator()
            let id = MediumID.make(at: milliseconds, after: last, random: &random)
            last = id
            return id
        }
    }
}
