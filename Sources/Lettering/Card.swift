/// A screen full of words: what Vitrine shows when there is no picture to show.
public enum Card: Sendable, Equatable {
    /// Nothing to play yet: how to reach this device.
    ///
    /// - Parameters:
    ///   - deviceName: what the device calls itself.
    ///   - addresses: of the web page, the best to type first; the QR code holds the first. Empty: no network yet.
    ///   - pin: by which a person takes charge of the device; nil once somebody has.
    case welcome(deviceName: String, addresses: [String], pin: String?)

    /// Something is wrong.
    ///
    /// - Parameters:
    ///   - title: what is wrong, in a few words.
    ///   - fileName: the file at fault as its owner named it, when there is one.
    ///   - reason: why, in a sentence.
    ///   - suggestion: what to do now.
    case fault(title: String, fileName: String?, reason: String, suggestion: String?)
}
