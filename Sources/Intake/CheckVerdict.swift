import DecoderProtocol
import MediaIndex

/// What a check found, in the library's words.
enum CheckVerdict {
    static func medium(
        name: String, _ description: MediumDescription, _ report: CheckReport, thumbnail: [UInt8]?
    ) -> CheckedMedium {
        let kind: Medium.Kind =
            switch description.kind {
            case .image: .image
            case .animation: .animation
            case .video: .video
            }
        var checked = CheckedMedium(
            kind: kind, width: description.width, height: description.height,
            durationSeconds: description.durationNanoseconds.map { Double($0) / 1_000_000_000 },
            frameRate: description.frameRate, decodeRate: report.decodeRate,
            takenAt: description.takenAt.map { $0 * 1000 },
            suffix: suffix(format: description.format, name: name), thumbnail: thumbnail)
        // An animation that loops is decoded once and then plays from memory.
        if kind == .video, let frameRate = description.frameRate, let decodeRate = report.decodeRate,
            decodeRate < frameRate * 0.98
        {
            checked.reason = "plays at \(whole(decodeRate)) of \(whole(frameRate.rounded())) frames/s here"
            checked.suggestion = "Convert it to H.264 at \(advisedSize(description)) to have it play smoothly"
        }
        return checked
    }

    /// What a decoder claims is not always a number that an integer can hold.
    private static func whole(_ rate: Double) -> Int {
        rate.isFinite ? Int(min(max(rate, 0), CheckReport.decodeRates.upperBound)) : 0
    }

    private static func advisedSize(_ description: MediumDescription) -> String {
        Double(description.width) * Double(description.height) > 1280 * 720 ? "1280×720" : "640×360"
    }

    /// Extensions of each format, the usual one first; the name decides among them.
    private static let suffixes: [String: [String]] = [
        "jpeg": ["jpg", "jpeg", "jpe", "jfif"], "mjpeg": ["jpg", "jpeg", "mjpeg"], "png": ["png"],
        "apng": ["png", "apng"], "gif": ["gif"], "webp": ["webp"], "heic": ["heic", "heif"], "heif": ["heic", "heif"],
        "avif": ["avif"], "bmp": ["bmp"], "tiff": ["tif", "tiff"], "mov": ["mp4", "mov", "m4v", "3gp", "3g2"],
        "mp4": ["mp4", "mov", "m4v"], "matroska": ["mkv", "webm"], "webm": ["webm", "mkv"], "avi": ["avi"],
        "mpegts": ["ts", "mts", "m2ts"], "mpeg": ["mpg", "mpeg", "vob"], "ogg": ["ogv", "ogg"], "flv": ["flv"],
        "asf": ["wmv", "asf"],
    ]

    /// The extension that the file gets: what it is counts, and what it is called only where that leaves a choice.
    static func suffix(format: String, name: String) -> String {
        let called = MediumName.suffix(of: name)
        let formats = format.lowercased().split(separator: ",").map { format in
            format.hasSuffix("_pipe") ? String(format.dropLast(5)) : String(format)
        }
        let known = formats.flatMap { suffixes[$0] ?? [] }
        if let called, known.contains(called) { return called }
        if let usual = known.first { return usual }
        return called ?? formats.first(where: MediumName.isSuffix) ?? "bin"
    }
}
