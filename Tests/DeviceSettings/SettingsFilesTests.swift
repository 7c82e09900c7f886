import LinuxSystem
import SystemPackage
import Testing

@testable import DeviceSettings

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct SettingsFilesTests {
    func withFolder(_ body: (FilePath) throws -> Void) throws {
        var template = Array("/tmp/vitrine-settings-XXXXXX".utf8CString)
        let folder = FilePath(String(cString: try #require(mkdtemp(&template))))
        defer { try? removeTree(folder) }
        try body(folder)
    }

    private func removeTree(_ folder: FilePath) throws {
        for name in ["etc/conf.d/10.toml", "etc/conf.d/20.toml", "etc/config.toml", "data/config.toml"] {
            unlink(folder.appending(name).string)
        }
        for name in ["etc/conf.d", "etc", "data", ""] { rmdir(folder.appending(name).string) }
    }

    func write(_ text: String, to path: FilePath) throws {
        try DurableFile.createFolder(path.removingLastComponent())
        try DurableFile.replace(path, with: Array(text.utf8))
    }

    @Test func laterLayersWin() throws {
        try withFolder { folder in
            let data = folder.appending("data")
            let paths = StandardPaths(data: data.string, socket: "/tmp/s")
            try write(
                "[playback]\nphoto_seconds = 1\n[device]\nname = \"etc\"", to: folder.appending("etc/config.toml"))
            try write("playback.photo_seconds = 3", to: folder.appending("etc/conf.d/20.toml"))
            try write("playback.photo_seconds = 2\nweb.port = 1", to: folder.appending("etc/conf.d/10.toml"))
            try write("playback.photo_seconds = 4", to: data.appending("config.toml"))
            let files = SettingsFiles(systemFolder: folder.appending("etc"))
            let plain = files.load(environment: [:], arguments: [], paths: paths)
            #expect(plain.number("playback.photo_seconds") == 4)
            #expect(plain.effective("playback.photo_seconds")?.origin == data.appending("config.toml").string)
            #expect(plain.text("device.name") == "etc")
            #expect(plain.integer("web.port") == 1)
            #expect(plain.effective("web.address")?.origin == "default")
            let full = files.load(
                environment: ["VITRINE_PLAYBACK_PHOTO_SECONDS": "5"], arguments: ["playback.photo_seconds=6"],
                paths: paths)
            #expect(full.number("playback.photo_seconds") == 6)
            #expect(full.effective("playback.photo_seconds")?.origin == "command line")
            #expect(full.faults == [])
        }
    }

    @Test func aFaultLeavesTheLayerBelow() throws {
        try withFolder { folder in
            try write("web.port = 7000", to: folder.appending("etc/config.toml"))
            let settings = SettingsFiles(systemFolder: folder.appending("etc")).load(
                environment: ["VITRINE_WEB_PORT": "often"], arguments: [],
                paths: StandardPaths(data: folder.appending("data").string, socket: "/tmp/s"))
            #expect(settings.integer("web.port") == 7000)
            #expect(settings.faults.map(\.key) == ["VITRINE_WEB_PORT"])
        }
    }

    @Test func updatesAreWrittenAndReadBack() throws {
        try withFolder { folder in
            let data = folder.appending("data")
            try DurableFile.createFolder(data)
            let paths = StandardPaths(data: data.string, socket: "/tmp/s")
            let files = SettingsFiles(systemFolder: folder.appending("etc"))
            var settings = files.load(environment: [:], arguments: [], paths: paths)
            settings = try SettingsFiles.update(
                settings, with: ["device.name": .text("say \"hi\"\\"), "playback.photo_seconds": .integer(3)], in: data)
            #expect(settings.text("device.name") == "say \"hi\"\\")
            let again = files.load(environment: [:], arguments: [], paths: paths)
            #expect(again == settings)
            settings = try SettingsFiles.update(again, with: ["device.name": SettingValue?.none], in: data)
            #expect(settings.text("device.name") == "vitrine")
            #expect(settings.number("playback.photo_seconds") == 3)
        }
    }

    @Test func aBadUpdateChangesNothing() throws {
        try withFolder { folder in
            let data = folder.appending("data")
            try DurableFile.createFolder(data)
            let settings = SettingsFiles(systemFolder: folder.appending("etc")).load(
                environment: [:], arguments: [], paths: StandardPaths(data: data.string, socket: "/tmp/s"))
            #expect(throws: SettingsUpdateError.self) {
                try SettingsFiles.update(
                    settings, with: ["playback.photo_seconds": .text("x"), "web.access": .text("open")], in: data)
            }
            #expect(access(data.appending("config.toml").string, F_OK) != 0)
        }
    }

    @Test func pathsFollowWhoRunsIt() {
        let root = StandardPaths(environment: [:], userID: 0)
        #expect(root == StandardPaths(data: "/var/lib/vitrine", socket: "/run/vitrine/vitrine.sock"))
        let person = StandardPaths(environment: ["HOME": "/home/a", "XDG_RUNTIME_DIR": "/run/user/7"], userID: 7)
        #expect(
            person == StandardPaths(data: "/home/a/.local/share/vitrine", socket: "/run/user/7/vitrine/vitrine.sock"))
    }
}

extension SettingsFilesTests {
    @Test func aFileThatCannotBeReadIsNotWrittenOver() throws {
        try withFolder { folder in
            let data = folder.appending("data")
            try write("device.name = \"mine\"\nthis is not TOML", to: data.appending("config.toml"))
            let settings = SettingsFiles(systemFolder: folder.appending("etc")).load(
                environment: [:], arguments: [], paths: StandardPaths(data: data.string, socket: "/tmp/s"))
            #expect(throws: SettingsUpdateError.self) {
                try SettingsFiles.update(settings, with: ["device.name": .text("x")], in: data)
            }
            let kept = try DurableFile.read(data.appending("config.toml"), limit: 1000)
            #expect(String(decoding: kept, as: UTF8.self).hasSuffix("this is not TOML"))
        }
    }
}
