/// When a picture was taken, in seconds since 1970. A time without a zone is taken for UTC: what wrote it is not known to
/// have told where it was.
enum CaptureTime {
    /// From EXIF: the original's, else when it was digitised (EXIF 2.32, 4.6.5). When the file was changed says nothing.
    ///
    /// - Parameter block: as `ExifBlock` takes it.
    static func find(inExif block: [UInt8]) -> Int64? {
        guard let exif = ExifBlock(block), let pointer = exif.entry(0x8769, in: exif.first),
            let directory = exif.number(pointer)
        else { return nil }
        // DateTimeOriginal and OffsetTimeOriginal, DateTimeDigitized and OffsetTimeDigitized.
        for (time, zone) in [(0x9003, 0x9011), (0x9004, 0x9012)] {
            guard let text = exif.entry(time, in: directory).flatMap(exif.text) else { continue }
            let zone = exif.entry(zone, in: directory).flatMap(exif.text) ?? ""
            if let seconds = parse(text + zone) ?? parse(text) { return seconds }
        }
        return nil
    }

    /// `2024:05:01 12:34:56` as EXIF has it, or `2024-05-01T12:34:56.000000Z` and its kin (ISO 8601), also with an offset
    /// from UTC behind, and without seconds.
    ///
    /// - Returns: nil for what is none, and for dates before 1826 (no photograph) or after 9999.
    static func parse(_ text: String) -> Int64? {
        var rest = text.utf8[...]
        func digits(_ count: Int) -> Int? {
            let part = rest.prefix(count)
            guard part.count == count, part.allSatisfy({ (48...57).contains($0) }) else { return nil }
            rest = rest.dropFirst(count)
            return part.reduce(0) { $0 * 10 + Int($1) - 48 }
        }
        func skip(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = digits(4), skip(":-"), let month = digits(2), skip(":-"), let day = digits(2),
            (1826...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var seconds = days(year, month, day) * 86_400
        if rest.isEmpty { return seconds }
        guard skip(" T"), let hour = digits(2), skip(":"), let minute = digits(2), hour < 24, minute < 60 else {
            return nil
        }
        seconds += Int64(hour * 3600 + minute * 60)
        if skip(":") {
            // 60 is a leap second.
            guard let second = digits(2), second <= 60 else { return nil }
            seconds += Int64(second)
            if skip(".") { rest = rest.drop { (48...57).contains($0) } }
        }
        if rest.isEmpty || skip("Z") { return rest.isEmpty ? seconds : nil }
        let sign: Int64 = rest.first == UInt8(ascii: "-") ? 1 : -1
        guard skip("+-"), let hours = digits(2), hours < 24 else { return nil }
        _ = skip(":")
        guard let minutes = rest.isEmpty ? 0 : digits(2), minutes < 60, rest.isEmpty else { return nil }
        return seconds + sign * Int64(hours * 3600 + minutes * 60)
    }

    /// Days since 1 January 1970 in the Gregorian calendar (https://howardhinnant.github.io/date_algorithms.html).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        // Years begin in March, so that a leap day is a year's last.
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
