import DeviceSettings
import LinuxSystem
import SystemPackage
import Testing

@testable import CardSettings

#if canImport(Glibc)
    import Glibc
#endif

/// The folder of the repository: tests may be built through links.
let repository: FilePath = {
    guard let resolved = realpath("\(FilePath(#filePath).removingLastComponent())", nil) else { return "." }
    defer { free(resolved) }
    return FilePath(String(cString: resolved)).removingLastComponent().removingLastComponent()
}()

/// `image/card/vitrine.toml`, line by line: what a person finds on the card works as it stands there.
@Suite struct ExampleTests {
    private static let text: String = {
        let path = repository.appending("image/card/vitrine.toml")
        return String(decoding: (try? DurableFile.read(path, limit: 1 << 20)) ?? [], as: UTF8.self)
    }()

    /// Lines that become settings when their # goes: no space behind it, and a name before an equals sign.
    private static let settings: [String] = text.split(separator: "\n").compactMap { line in
        guard line.hasPrefix("#"), let first = line.dropFirst().first, first != " ", line.contains("=") else {
            return nil
        }
        return String(line.dropFirst())
    }

    private func read(_ text: String) -> CardSource {
        let keys = SettingKey.all(paths: StandardPaths(data: "/data", socket: "/run/x"))
        return Inbox(keys: CardKeys.taken(daemon: keys)).read(Array(text.utf8)) { ["Europe/Berlin"] }
    }

    @Test func asItIsItSaysNothing() {
        let source = read(Self.text)
        #expect(!Self.text.isEmpty)
        #expect(source.values.isEmpty)
        #expect(source.faults == [])
    }

    @Test(arguments: settings) func eachLineIsTaken(_ line: String) throws {
        let source = read(line)
        #expect(source.faults == [])
        let name = String(try #require(line.split(separator: " ").first))
        #expect(Array(source.values.keys) == [name])
    }

    @Test func allLinesTogetherAreTaken() {
        let source = read(Self.settings.joined(separator: "\r\n"))
        #expect(source.faults == [])
        #expect(source.values.count == Self.settings.count)
        #expect(source.secrets.count == 1)
    }

    @Test func everyLineIsASettingOrARemark() {
        for line in Self.text.split(separator: "\n") {
            let isRemark = line == "#" || line.hasPrefix("# ")
            #expect(isRemark || Self.settings.contains(String(line.dropFirst())), "\(line)")
        }
    }

    @Test func nothingOfTheCardIsLeftOut() {
        let named = Self.settings.compactMap { $0.split(separator: " ").first.map(String.init) }
        for key in CardKeys.system { #expect(named.contains(key.name)) }
        for part in ["device.name", "display.rotation", "spi.panel", "buttons.next"] { #expect(named.contains(part)) }
    }

    @Test func theGeneratedLinesAreThoseOfTheDefaults() throws {
        let shipped = try DurableFile.read(repository.appending("image/card/vitrine-generated.txt"), limit: 1 << 16)
        let keys = SettingKey.all(paths: StandardPaths(data: "/data", socket: "/run/x"))
        let made = FirmwareLines(settings: Settings(keys: keys, layers: [])) { _ in nil }
        #expect(made.bytes == shipped)
        #expect(shipped == CardFixture.standardLines)
    }
}
