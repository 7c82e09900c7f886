import ArgumentParser
import DeviceSettings
import MediaIndex
import Testing
import WebInterface

@testable import Appliance

@Suite struct CommandLineTests {
    @Test(arguments: [
        ("plain.jpg", "plain.jpg"), ("a b", "a%20b"), ("../x", "..%2Fx"), ("é", "%C3%A9"), ("100%", "100%25"),
        ("new\nline", "new%0Aline"),
    ])
    func namesArePercentEncodedWhole(name: String, expected: String) { #expect(percentEncoded(name) == expected) }

    @Test func controlCharactersDoNotReachTheTerminal() {
        #expect(visible("a\u{1B}[31mb\n\u{202E}c") == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}c")
        #expect(visible("مرحبا 🦊") == "مرحبا 🦊")
    }

    @Test(arguments: [(0.0, "0 s"), (59.9, "59 s"), (61, "1 min 1 s"), (3661, "1 h 1 min")])
    func spansReadWell(seconds: Double, expected: String) { #expect(StatusText.span(seconds) == expected) }

    @Test func theScreensBuffersAreToldWhereItHasSome() {
        var display = DisplayStatus(driver: "drm", width: 1920, height: 1080, refreshHz: 59.94, bufferBytes: 33_177_600)
        #expect(StatusText.screen(display) == "drm 1920×1080 60 Hz, 31 MB of buffers")
        display.bufferBytes = 0
        display.chain = [DisplayStatus.Link(driver: "spi", outcome: "unusable", reason: "none is set")]
        #expect(StatusText.screen(display) == "drm 1920×1080 60 Hz; spi: none is set")
        #expect(StatusText.screen(DisplayStatus(bufferBytes: 0)) == "none")
    }

    @Test func theCommandLineIsUnderstood() throws {
        #expect(try Vitrine.parseAsRoot(["media", "list", "--query", "x"]) is MediaCommand.List)
        #expect(try Vitrine.parseAsRoot(["jobs", "log", "3", "--follow"]) is JobsCommand.Log)
        #expect(try Vitrine.parseAsRoot(["info"]) is Info)
        #expect(throws: (any Error).self) { try Vitrine.parseAsRoot(["show"]) }
        #expect(throws: (any Error).self) { try Vitrine.parseAsRoot(["status", "--token", "t"]) }
        #expect(throws: (any Error).self) { try Vitrine.parseAsRoot(["status", "--host", "vitrine.local"]) }
    }
}

@Suite struct AddressTests {
    @Test func aPortIsLeftOutWhereItIsTheUsualOne() {
        #expect(
            NetworkAddresses.pageURLs(boundTo: "127.0.0.1", port: 8080, loopback: true) == ["http://127.0.0.1:8080/"])
        #expect(NetworkAddresses.pageURLs(boundTo: "10.0.0.2", port: 80, loopback: true) == ["http://10.0.0.2/"])
        #expect(NetworkAddresses.pageURLs(boundTo: "::1", port: 8080, loopback: true) == ["http://[::1]:8080/"])
        #expect(!NetworkAddresses.pageURLs(boundTo: "0.0.0.0", port: 80, loopback: true).isEmpty)
    }
}

@Suite struct TranslationTests {
    @Test func faultsOfTheLibraryKeepTheirStatusAndWords() {
        let fault = MediaFault(.noRoom, .system, reason: "the card is full", suggestion: "Delete something")
        let problem = ProblemError(fault)
        #expect(problem.status == 507)
        #expect(problem.category == .system)
        #expect(problem.detail == "The card is full.")
        #expect(problem.suggestion == "Delete something.")
    }

    @Test func settingsSurviveTheWayToThePageAndBack() {
        let values: [SettingValue] = [.text("x"), .integer(3), .number(2.5), .boolean(true), .list(["a", "b"])]
        for value in values { #expect(SettingValue(JSONValue(value)) == value) }
        #expect(SettingValue(JSONValue.object([:])) == nil)
        #expect(SettingValue(JSONValue.array([.integer(1)])) == nil)
    }

    @Test func thePageShowsOnlyWhatCannotLockAPersonOut() {
        let keys = SettingKey.all(paths: StandardPaths(data: "/d", socket: "/s"))
        let document = SettingsDocument(Settings(keys: keys, layers: []))
        let shown = Set(document.settings.map(\.key))
        #expect(shown.contains("playback.photo_seconds"))
        #expect(shown.isDisjoint(with: ["web.access", "web.address", "web.port", "data.directory"]))
    }
}
