public import LinuxSystem
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The cards of this machine: /dev/dri/card*, and the kernel's word on what is plugged.
public final class LinuxKMSHost: KMSHost {
    public let hotplug: Wakeup?
    public var pollInterval: Duration? { .seconds(2) }
    private let watch: UeventWatch?

    public init() {
        watch = try? UeventWatch(subsystem: "drm")
        hotplug = watch?.changed
    }

    public func cards() -> [String] {
        guard let folder = opendir("/dev/dri") else { return [] }
        defer { closedir(folder) }
        var cards: [(Int, String)] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("card"), let number = Int(name.dropFirst(4)) else { continue }
            cards.append((number, "/dev/dri/" + name))
        }
        return cards.sorted { $0.0 < $1.0 }.map(\.1)
    }

    public func open(_ path: String) throws(Errno) -> any KMSDevice {
        try LibDRMDevice(try Descriptor.open(FilePath(path), .readWrite), path: path)
    }

    public func adopt(_ descriptor: Descriptor) throws(Errno) -> any KMSDevice {
        try LibDRMDevice(descriptor, path: "systemd's store")
    }
}
