/// Finds the one EXIF tag that decides how a photo stands. Any contradiction ends the search: the photo is then shown as it
/// is stored.
enum ExifOrientation {
    /// - Parameter block: as `ExifBlock` takes it.
    /// - Returns: nil when the tag is missing or makes no sense.
    static func find(in block: [UInt8]) -> Orientation? {
        guard let exif = ExifBlock(block), let entry = exif.entry(0x0112, in: exif.first) else { return nil }
        return exif.number(entry).flatMap(Orientation.init(rawValue:))
    }
}
