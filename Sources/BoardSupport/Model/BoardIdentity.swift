public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Which machine this is, as it says itself: a Raspberry Pi, or anything else that runs Linux.
public struct BoardIdentity: Sendable, Equatable {
    /// As the device tree or a PC's firmware names it, `Raspberry Pi Zero 2 W Rev 1.0`; the kernel's name of the
    /// architecture otherwise.
    public var model: String
    /// Only a Raspberry Pi has one.
    public var revision: RevisionCode?
    /// 16 hexadecimal digits on a Raspberry Pi; nil where nothing tells, or only root may read it.
    public var serial: String?
    /// What the kernel has of the memory (`MemTotal`): less than what is soldered on, by what firmware and CMA take.
    public var memoryBytes: Int?
    /// `aarch64`, `x86_64`.
    public var architecture: String

    public init(
        model: String, revision: RevisionCode? = nil, serial: String? = nil, memoryBytes: Int? = nil,
        architecture: String
    ) {
        self.model = model
        self.revision = revision
        self.serial = serial
        self.memoryBytes = memoryBytes
        self.architecture = architecture
    }

    /// Looks at `/proc` and `/sys` below `root`. Whatever is not there is left out: an unknown board is no error.
    public static func read(root: FilePath = "/") -> BoardIdentity {
        let files = BoardFiles(root: root)
        let architecture = Self.architecture
        let revision = Self.revision(files)
        let memory = files.field("MemTotal", of: "proc/meminfo")
            .flatMap { Int($0.prefix { $0.isNumber }) }
            .map { $0 << 10 }
        return BoardIdentity(
            model: Self.model(files, revision) ?? "\(architecture) machine", revision: revision,
            serial: files.text("proc/device-tree/serial-number") ?? files.field("Serial", of: "proc/cpuinfo"),
            memoryBytes: memory, architecture: architecture)
    }

    /// The firmware's own node comes first: kernels that are not Raspberry Pi's have no line in `cpuinfo`
    /// (arch/arm64).
    private static func revision(_ files: BoardFiles) -> RevisionCode? {
        if let cells = files.bytes("proc/device-tree/system/linux,revision"), cells.count == 4 {
            let value = cells.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if value != 0 { return RevisionCode(value) }
        }
        return files.field("Revision", of: "proc/cpuinfo").flatMap { RevisionCode($0) }
    }

    private static func model(_ files: BoardFiles, _ revision: RevisionCode?) -> String? {
        if let name = files.text("proc/device-tree/model") { return name }
        if let board = revision?.board { return "Raspberry Pi \(board.type) Rev \(board.revision)" }
        // Firmware of cheap PCs leaves words such as these where a name should be.
        let empty = ["to be filled by o.e.m.", "system product name", "default string", "none", "not specified"]
        return files.text("sys/class/dmi/id/product_name").flatMap { empty.contains($0.lowercased()) ? nil : $0 }
    }

    private static var architecture: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return withUnsafeBytes(of: name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
