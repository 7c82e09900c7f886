// swift-tools-version: 6.2
// One target is one room of the house; docs/architecture.md says what each may know.

import PackageDescription

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["VITRINE_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : [])

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncAlgorithms = product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let collections = product(name: "Collections", package: "swift-collections")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let system = product(name: "SystemPackage", package: "swift-system")
    static let tomlKit = product(name: "TOMLKit", package: "TOMLKit")
}

/// A room of our own, with the settings that all of them share.
func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// Headers and link flags of a library that Debian packages.
func systemLibrary(_ name: String, pkgConfig: String?, apt package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// C of our own: what Swift's importer cannot express, and nothing else.
func shim(_ name: String, libraries: [String] = []) -> Target {
    .target(name: name, linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// Tests test optimised code and are not optimised themselves: that is quicker to build, and Swift 6.3.1's optimiser crashes
/// on some asynchronous tests (LLVM's CoroSplit).
let unoptimised: [SwiftSetting] = [.unsafeFlags(["-Onone"], .when(configuration: .release))]

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, path: "Tests/\(name)",
        exclude: exclude, swiftSettings: settings + unoptimised)
}

let package = Package(
    name: "vitrine",
    products: [
        .executable(name: "vitrine", targets: ["Appliance"]),
        .executable(name: "vitrine-decoder", targets: ["MediaDecoder"]),
    ],
    // Not a default: without libgpiod 2 the rest still builds. The Makefile asks for it where the library is.
    traits: [.trait(name: "GPIO", description: "GPIO lines through libgpiod 2: SPI panels and buttons.")],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: [
        // C: module maps, and the few shims that the importer needs.
        shim("CLinux"),
        .target(
            name: "CFont", exclude: ["DejaVuSans.ttf", "LICENSE-DejaVu.txt"],
            // The assembler looks for the font where the compiler looks for headers.
            cSettings: [.headerSearchPath(".")]),
        shim("CJPEG", libraries: ["jpeg"]),
        shim("CPNG", libraries: ["png16"]),
        systemLibrary("CDRM", pkgConfig: "libdrm", apt: "libdrm-dev"),
        systemLibrary("CFFmpeg", pkgConfig: "libavformat", apt: "libavformat-dev"),
        systemLibrary("CFreeType", pkgConfig: "freetype2", apt: "libfreetype-dev"),
        systemLibrary("CGpiod", pkgConfig: "libgpiod", apt: "libgpiod-dev"),
        systemLibrary("CHarfBuzz", pkgConfig: "harfbuzz", apt: "libharfbuzz-dev"),
        systemLibrary("CHeif", pkgConfig: "libheif", apt: "libheif-dev"),
        // Its package brings no pkg-config file; the module map names the library.
        systemLibrary("CI2C", pkgConfig: nil, apt: "libi2c-dev"),
        systemLibrary("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
        systemLibrary("CSeccomp", pkgConfig: "libseccomp", apt: "libseccomp-dev"),
        systemLibrary("CWebP", pkgConfig: "libwebpdemux", apt: "libwebp-dev"),

        // Pictures and the machine below them.
        room("LinuxSystem", ["CLinux", .system]),
        room("Frames", ["LinuxSystem", .system]),
        room("StillEncoding", ["Frames", "CJPEG", "CPNG"]),
        room("Lettering", ["Frames", "LinuxSystem", "CFont", "CFreeType", "CHarfBuzz", "CQREncode", .system]),
        room("KMS", ["CDRM", "LinuxSystem", .system]),
        room(
            "GPIO", [.target(name: "CGpiod", condition: .when(traits: ["GPIO"])), "LinuxSystem", .system]),
        room("PanelBus", ["CLinux", "GPIO", "LinuxSystem", .system]),
        room(
            "DisplayDrivers",
            ["KMS", "GPIO", "PanelBus", "Frames", "LinuxSystem", "StillEncoding", .logging, .serviceLifecycle, .system]),

        // Decoding, in processes of its own.
        room("DecoderProtocol", ["Frames", "LinuxSystem"]),
        room("Supervision", ["LinuxSystem", .logging, .serviceLifecycle, .system]),
        room(
            "DecoderClient",
            [
                "DecoderProtocol", "Frames", "LinuxSystem", "Supervision", .logging, .serviceLifecycle, .subprocess,
                .system,
            ]),
        room("DecoderSandbox", ["DecoderProtocol", "CLinux", "CSeccomp"]),
        program(
            "MediaDecoder",
            [
                "DecoderProtocol", "DecoderSandbox", "Frames", "LinuxSystem", "StillEncoding", "CFFmpeg", "CHeif",
                "CJPEG", "CPNG", "CWebP", "CLinux", .system,
            ]),
        // Tries what the sandbox forbids; for tests, and no product.
        .target(name: "CMisbehaviour", path: "Tests/CMisbehaviour"),
        .executableTarget(
            name: "MisbehavingDecoder",
            dependencies: ["DecoderProtocol", "DecoderSandbox", "CFFmpeg", "CMisbehaviour"],
            path: "Tests/MisbehavingDecoder", swiftSettings: settings),

        // What is kept, what is shown, what comes in.
        room("MediaIndex", ["LinuxSystem", .crypto, .grdb, .logging, .system]),
        room("MemoryMonitor", ["LinuxSystem", .logging, .serviceLifecycle, .system]),
        room(
            "Playback",
            [
                "DecoderClient", "DecoderProtocol", "DisplayDrivers", "Frames", "Lettering", "LinuxSystem",
                "MediaIndex", "MemoryMonitor",
                "Supervision", .logging, .serviceLifecycle,
            ]),
        room(
            "Intake",
            [
                "DecoderClient", "DecoderProtocol", "Frames", "LinuxSystem", "MediaIndex", .crypto, .logging,
                .serviceLifecycle, .system,
            ]),

        // The board, and the card that it starts from.
        room(
            "BoardSupport",
            [
                "CI2C", "CLinux", "Frames", "GPIO", "Lettering", "LinuxSystem", "Supervision", .logging,
                .serviceLifecycle, .system,
            ]),
        room("NetworkSetup", ["LinuxSystem", .logging, .serviceLifecycle, .system]),
        room("CardSettings", ["NetworkSetup", "DeviceSettings", "GPIO", "LinuxSystem", .tomlKit, .system]),

        // What people and programs talk to.
        room("DeviceSettings", ["LinuxSystem", .tomlKit, .system]),
        room(
            "WebInterface", [.hummingbird, .logging, .crypto, .asyncAlgorithms, .serviceLifecycle],
            resources: [.embedInCode("Page")]),
        program(
            "Appliance",
            [
                "BoardSupport", "CardSettings", "CLinux", "DeviceSettings", "DecoderClient", "DecoderProtocol",
                "DisplayDrivers", "Frames", "GPIO",
                "Intake",
                "Lettering",
                "LinuxSystem", "MediaIndex", "MemoryMonitor", "NetworkSetup", "PanelBus", "Playback", "Supervision",
                "WebInterface",
                .argumentParser, .asyncHTTPClient, .hummingbird, .logging, .serviceLifecycle, .system, .unixSignals,
            ]),

        tests("LinuxSystem", [.system]),
        tests("Frames", ["LinuxSystem"]),
        tests("StillEncoding", ["CJPEG", "CPNG", "Frames", "LinuxSystem"]),
        tests("Lettering", ["Frames", "LinuxSystem"]),
        tests("GPIO", ["LinuxSystem"]),
        tests("PanelBus", ["GPIO", .system]),
        // What sending clips to a panel costs; `benchmarks/spi` runs it.
        .executableTarget(
            name: "PanelBenchmark", dependencies: ["DisplayDrivers", "Frames", "GPIO", "LinuxSystem", "PanelBus"],
            path: "benchmarks/PanelBenchmark", swiftSettings: settings),
        // Counts allocations in the tests' process.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        tests(
            "DisplayDrivers", ["CAllocations", "KMS", "GPIO", "PanelBus", "Frames", "LinuxSystem", .logging, .system]),
        tests("DecoderProtocol", ["Frames"]),
        tests("Supervision", ["LinuxSystem", .logging, .serviceLifecycle, .system]),
        tests(
            "DecoderClient",
            [
                "DecoderProtocol", "Frames", "LinuxSystem", "MediaDecoder", "StillEncoding", "Supervision", .logging,
                .system,
            ]),
        tests("MediaDecoder", ["DecoderProtocol", "Frames", "LinuxSystem", "MisbehavingDecoder", .system]),
        // What decoding a file costs; `benchmarks/decode` runs it.
        .executableTarget(
            name: "DecodeBenchmark", dependencies: ["DecoderProtocol", "Frames", "LinuxSystem", .system],
            path: "benchmarks/DecodeBenchmark", swiftSettings: settings),
        // When each frame comes; `benchmarks/pacing` runs it.
        .executableTarget(
            name: "PacingBenchmark",
            dependencies: [
                "DecoderClient", "DecoderProtocol", "DisplayDrivers", "Frames", "LinuxSystem", "MediaIndex", "Playback",
                .logging, .system,
            ],
            path: "benchmarks/PacingBenchmark", swiftSettings: settings),
        // What days of programme leave behind; `benchmarks/endurance` runs it. Its C counts what the heap holds.
        .target(name: "CHeap", path: "benchmarks/CHeap"),
        .executableTarget(
            name: "EnduranceBenchmark",
            dependencies: [
                "CHeap", "CLinux", "DecoderClient", "DecoderProtocol", "DisplayDrivers", "Frames", "LinuxSystem",
                "MediaIndex", "MemoryMonitor", "Playback", .logging, .system,
            ],
            path: "benchmarks/EnduranceBenchmark", swiftSettings: settings),
        tests("MediaIndex", ["LinuxSystem", .grdb, .logging, .system]),
        tests("MemoryMonitor", ["LinuxSystem", .logging, .system]),
        tests(
            "Playback",
            [
                "DecoderClient", "DecoderProtocol", "DisplayDrivers", "Frames", "LinuxSystem", "MediaIndex",
                "MemoryMonitor", "Supervision",
                .logging, .system,
            ]),
        tests(
            "Intake",
            ["DecoderClient", "DecoderProtocol", "Frames", "LinuxSystem", "MediaIndex", .crypto, .logging, .system]),
        tests("BoardSupport", ["Frames", "GPIO", "LinuxSystem", .logging, .system]),
        tests("NetworkSetup", ["LinuxSystem", .system]),
        tests("CardSettings", ["NetworkSetup", "DeviceSettings", "LinuxSystem", .system]),
        tests("DeviceSettings", ["LinuxSystem", .system]),
        tests("WebInterface", ["LinuxSystem", .hummingbird, .hummingbirdTesting]),
        tests(
            "Appliance",
            [
                .argumentParser, "BoardSupport", "DeviceSettings", "DisplayDrivers", "GPIO", "Intake", "LinuxSystem",
                "MediaIndex", "NetworkSetup", "PanelBus", "Playback", "WebInterface", .system,
            ]),
    ]
)
