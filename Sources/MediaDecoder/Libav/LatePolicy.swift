/// What a decoder leaves out when it is behind: pictures that no other needs first, then their loop filter, then everything
/// up to the next key frame.
struct LatePolicy {
    enum Saving: Equatable {
        case nothing
        case unreferenced
        case loopFilter
    }

    enum Advice: Equatable {
        /// Decode on, leaving this out.
        case decode(Saving)
        /// Jump to the key frame, if one lies between here and where one should be.
        case jump
    }

    /// The longest time that frames are left out without showing one, in nanoseconds: a slow board shows what it can
    /// rather than nothing.
    static let longestGap: Int64 = 250_000_000

    /// - Parameter lateness: from the end of the frame at hand to the position that is wanted, in nanoseconds.
    static func advice(lateness: Int64) -> Advice {
        switch lateness {
        case ...0: .decode(.nothing)
        case ..<400_000_000: .decode(.unreferenced)
        case ..<2_000_000_000: .decode(.loopFilter)
        default: .jump
        }
    }
}
