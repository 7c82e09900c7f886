/// The chip behind a Raspberry Pi's header, on which a line's offset is its BCM number.
///
/// Device trees name a line after what it is meant for: on a Zero 2 W line 9 is `SPI_MISO`, line 4 is `GPIO_GCLK`
/// (Linux, bcm2837-rpi-zero-2-w.dts), and nothing is called `GPIO9`. Documents of panels and buttons give BCM numbers.
enum HeaderChip {
    /// What the kernel's drivers call these chips: pinctrl-bcm2835.c for the boards up to the Pi 4, pinctrl-rp1.c for the Pi 5.
    private static let labels: Set = ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"]

    /// Where a line called `GPIO` and a number is on a chip; nil on any other chip, for other names, and past its end.
    static func offset(of name: String, label: String, lineCount: Int) -> UInt32? {
        guard labels.contains(label), name.hasPrefix("GPIO"), let number = UInt16(name.dropFirst(4)),
            number < lineCount
        else { return nil }
        return UInt32(number)
    }
}
