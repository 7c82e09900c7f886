import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The files that settings come from, and the one that the program writes: `<data>/config.toml`.
public struct SettingsFiles: Sendable {
    /// `/etc/vitrine`; another folder in tests.
    public var systemFolder: FilePath

    public init(systemFolder: FilePath = "/etc/vitrine") { self.systemFolder = systemFolder }

    /// All layers, in the design's order. What cannot be read is a fault, not an end.
    public func load(
        environment: [String: String], arguments: [String], paths: StandardPaths, ignoring: Set<String> = []
    ) -> Settings {
        let keys = SettingKey.all(paths: paths)
        let system = [systemFolder.appending("config.toml")] + fragments()
        let lower = system.compactMap { layer($0, keys: keys) }
        let upper = [
            SettingLayer(environment: environment, keys: keys, ignoring: ignoring),
            SettingLayer(arguments: arguments, keys: keys),
        ]
        // The data folder's own file cannot say where the data folder is.
        let folder = FilePath(Settings(keys: keys, layers: lower + upper).text("data.directory"))
        var data = layer(Self.dataFile(in: folder), keys: keys)
        if data?.values.removeValue(forKey: "data.directory") != nil {
            data?.faults.append(
                SettingFault(
                    origin: Self.dataFile(in: folder).string, key: "data.directory",
                    expected: "this file lies in the data folder, so that it cannot say where that is"))
        }
        return Settings(keys: keys, layers: lower + (data.map { [$0] } ?? []) + upper)
    }

    public static func dataFile(in folder: FilePath) -> FilePath { folder.appending("config.toml") }

    /// Puts values into `<data>/config.toml`, durably, and returns the settings that then hold. nil as a value takes the key
    /// out. Comments in the file are not kept; unknown and faulty keys go.
    ///
    /// - Throws: `SettingsUpdateError.invalid` with every fault, having changed nothing; `.unwritable`.
    public static func update(
        _ settings: Settings, with changes: [String: SettingValue?], in folder: FilePath
    ) throws(SettingsUpdateError) -> Settings {
        let file = dataFile(in: folder)
        var layer = settings.layers.first { $0.origin == file.string } ?? SettingLayer(origin: file.string)
        // A file that could not be read at all would be replaced by the one change.
        if let unreadable = layer.faults.first(where: { $0.key == SettingFault.wholeFile }) {
            throw .invalid([
                SettingFault(
                    origin: file.string, line: unreadable.line, key: SettingFault.wholeFile,
                    expected: "this file cannot be read; mend it or remove it first (\(unreadable.expected))")
            ])
        }
        layer.faults = []
        var faults: [SettingFault] = []
        for (name, value) in changes {
            guard let key = settings.keys.first(where: { $0.name == name }), key.onPage else {
                faults.append(.unknown(name, origin: "request", line: nil, keys: settings.keys.filter(\.onPage)))
                continue
            }
            if let value {
                guard let accepted = key.shape.accept(value) else {
                    faults.append(
                        SettingFault(
                            origin: "request", key: name, value: value.description,
                            expected: "expected \(key.shape.expectation)"))
                    continue
                }
                layer.values[name] = accepted
            } else {
                layer.values[name] = nil
            }
        }
        guard faults.isEmpty else { throw .invalid(faults.sorted { $0.key < $1.key }) }
        do throws(Errno) {
            try DurableFile.replace(file, with: Array(Self.toml(layer, keys: settings.keys).utf8))
        } catch {
            throw .unwritable(file: file.string, code: error)
        }
        return settings.replacing(layer)
    }

    /// A layer as the text of `config.toml`.
    public static func toml(_ layer: SettingLayer, keys: [SettingKey]) -> String {
        var text =
            "# Written by the web page and from the card. Values are kept; comments and unknown keys are not.\nversion = \(SettingLayer.version)\n"
        for key in keys {
            if let value = layer.values[key.name] { text += "\(key.name) = \(value)\n" }
        }
        return text
    }

    private func fragments() -> [FilePath] {
        let folder = systemFolder.appending("conf.d")
        let names = (try? FolderNames.list(folder)) ?? []
        return names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { folder.appending($0) }
    }

    /// nil when there is no such file.
    private func layer(_ path: FilePath, keys: [SettingKey]) -> SettingLayer? {
        do throws(Errno) {
            let bytes = try DurableFile.read(path, limit: 1 << 20)
            return SettingLayer(toml: String(decoding: bytes, as: UTF8.self), origin: path.string, keys: keys)
        } catch .noSuchFileOrDirectory, .notDirectory {
            return nil
        } catch {
            var layer = SettingLayer(origin: path.string)
            layer.faults = [
                SettingFault(origin: path.string, key: SettingFault.wholeFile, expected: "it cannot be read: \(error)")
            ]
            return layer
        }
    }
}

public enum SettingsUpdateError: Error, Sendable, Equatable {
    case invalid([SettingFault])
    case unwritable(file: String, code: Errno)
}
