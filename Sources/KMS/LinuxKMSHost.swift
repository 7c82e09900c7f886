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
        Self.names(in: "/dev/dri").compactMap { name in
            name.hasPrefix("card") ? Int(name.dropFirst(4)).map { ($0, "/dev/dri/" + name) } : nil
        }
        .sorted { $0.0 < $1.0 }.map(\.1)
    }

    public func plugged() -> [String] {
        // `card0-HDMI-A-1/status`, as the last look at the hardware left it (drm_sysfs.c, `status_show`).
        let folder = FilePath("/sys/class/drm")
        return Self.names(in: folder).filter { name in
            guard name.hasPrefix("card"), name.contains("-") else { return false }
            return (try? TextFile.read(folder.appending(name).appending("status")))?.hasPrefix("connected") == true
        }
        .sorted()
    }

    private static func names(in folder: FilePath) -> [String] { (try? FolderNames.list(folder)) ?? [] }

    public func open(_ path: String) throws(Errno) -> any KMSDevice {
        try LibDRMDevice(try Descriptor.open(FilePath(path), .readWrite), path: path)
    }

    public func adopt(_ descriptor: Descriptor) throws(Errno) -> any KMSDevice {
        try LibDRMDevice(descriptor, path: "systemd's store")
    }
}
