// swift-tools-version: 6.2
// The package: engine modules, the C face (libkubecr.so), and their tests. See ARCHITECTURE.md for the house.
import PackageDescription

// KUBECR_RELEASE=1 links libkubecr.so self-contained (static Swift runtime, version script, soname). Without it, plain
// `swift build` and `swift test` stay ordinary.
let release = Context.environment["KUBECR_RELEASE"] == "1"
let root = Context.packageDirectory

// kubecr-testserver, and the packages that only it needs, are there with KUBECR_TESTSERVER=1 (the Makefile and the tests set it):
// whoever depends on KubeCR must not be made to fetch them.
let withTestServer = !release && Context.environment["KUBECR_TESTSERVER"] == "1"

// What the shared object is compiled with: the string-processing module (regular expressions, 1.4 MB) stays out, and so does
// what nobody can read from outside. A release build is made from a checkout, never as a dependency, so unsafe flags are fine.
let releaseFlags: [SwiftSetting] = release
    ? [.unsafeFlags([
        "-enforce-exclusivity=unchecked", "-Xfrontend", "-function-sections", "-Xfrontend", "-disable-reflection-metadata",
        "-Xfrontend", "-disable-implicit-string-processing-module-import",
        "-Xfrontend", "-disable-implicit-concurrency-module-import", "-Xcc", "-DKUBECR_STATIC_RUNTIME=1",
    ])]
    : []

let languageSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]
let settings = releaseFlags + languageSettings

let sharedObject: [LinkerSetting] = release
    ? [.unsafeFlags([
        "-static-stdlib", "-use-ld=lld",
        "-Xlinker", "-soname=libkubecr.so.0", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
        // What is called lies together: 1.6 MB less of the file in a process (packaging/symbol-order.sh).
        "-Xlinker", "--symbol-ordering-file=\(root)/packaging/symbol.order", "-Xlinker", "--no-warn-symbol-ordering",
        "-Xlinker", "-z", "-Xlinker", "start-stop-gc", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
        "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "--no-undefined-version",
        "-Xlinker", "--version-script=\(root)/Sources/KubeCRABI/kubecr.map",
        // clang links, not clang++: libstdc++ comes in statically through this file.
        "-Xclang-linker", "--config=\(root)/Sources/KubeCRABI/release-link.cfg", "-Xclang-linker", "-static-libgcc",
    ] + (Context.environment["KUBECR_SYMBOLS"] == "1" ? [] : ["-Xlinker", "-s"]))]
    : []

func module(_ name: String, _ dependencies: [Target.Dependency], linker: [LinkerSetting] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings, linkerSettings: linker)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

// KUBECR_FUZZ=1 builds the libFuzzer targets of Tests/fuzz and nothing else of the tests.
let fuzzTargets: [Target] = Context.environment["KUBECR_FUZZ"] == "1"
    ? ["kubeconfig", "json"].map { name in
        .executableTarget(
            name: "fuzz-\(name)", dependencies: ["KubeConfig", "KubeCore"], path: "Tests/fuzz/targets/\(name)",
            swiftSettings: settings, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
    }
    : []

// KUBECR_SIMULATION=1 builds the simulation as a program, to be optimised: in a test it would take ten times as long.
let coreTests: Target = Context.environment["KUBECR_SIMULATION"] == "1"
    ? .executableTarget(
        name: "simulation", dependencies: ["KubeCore"], path: "Tests/KubeCoreTests",
        sources: ["Simulation", "Support/Objects.swift", "Support/Deliveries.swift"]
            + ["", "Server", "Informer"].map { "Watch/ReflectorSimulation\($0).swift" },
        swiftSettings: settings)
    : tests("KubeCoreTests", ["KubeCore"], exclude: ["MUTANTS.md", "Simulation"])

let testServerPackages: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
]

let testServerTargets: [Target] = [
    module("TestServer", ["KubeCore", "KubeConfig"]),
    .executableTarget(
        name: "kubecr-testserver",
        dependencies: [
            "TestServer", "KubeCore", "KubeConfig",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "X509", package: "swift-certificates"),
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "SwiftASN1", package: "swift-asn1"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            .product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Logging", package: "swift-log"),
        ],
        exclude: ["README.md"], swiftSettings: settings),
    tests("TestServerTests", ["TestServer", "KubeCore"]),
]

let package = Package(
    name: "kubecr",
    products: [
        .library(name: "kubecr", type: .dynamic, targets: ["KubeCRABI"]),
        .library(name: "KubeCR", targets: ["KubeCR"]),
        .executable(name: "kubecr-faultproxy", targets: ["kubecr-faultproxy"]),
    ] + (withTestServer ? [.executable(name: "kubecr-testserver", targets: ["kubecr-testserver"])] : []),
    dependencies: withTestServer ? testServerPackages : [],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CKubeCR"),
        .systemLibrary(name: "CScan"),
        .systemLibrary(name: "CRuntime"),
        module("KubeCore", ["CScan"]),
        module("KubeSystem", ["CRuntime"]),
        module("KubeConfig", ["KubeCore", "KubeSystem", "CYaml"]),
        module("KubeTransport", ["KubeCore", "KubeSystem", "CCurl"]),
        module("KubeClient", ["KubeCore", "KubeSystem", "KubeConfig", "KubeTransport"]),
        module("KubeCRABI", ["KubeClient", "CKubeCR"], linker: sharedObject, exclude: ["kubecr.map", "kubecr.pc.in", "release-link.cfg"]),
        // The Swift API. Never part of libkubecr.so, which knows neither Foundation nor Swift concurrency.
        .target(name: "KubeCR", dependencies: ["KubeClient"], swiftSettings: languageSettings),
        module("KubeTesting", ["KubeClient"]),
        .executableTarget(name: "contract-swift", dependencies: ["KubeCR"], path: "Tests/contract/swift", swiftSettings: languageSettings),
        .executableTarget(name: "conformance-swift", dependencies: ["KubeCR"], path: "Tests/conformance/swift", swiftSettings: languageSettings),
        // A program and the library it is made of; they need no package but this one.
        module("FaultProxy", ["KubeCore", "KubeSystem", "KubeConfig"]),
        .executableTarget(
            name: "kubecr-faultproxy", dependencies: ["FaultProxy", "KubeCore", "KubeSystem"], exclude: ["README.md"], swiftSettings: languageSettings),
        coreTests,
        tests("KubeSystemTests", ["KubeSystem"]),
        tests("KubeConfigTests", ["KubeConfig", "KubeTesting"], exclude: ["RULES.md"]),
        tests("KubeTransportTests", ["KubeTransport", "KubeTesting"]),
        tests("KubeClientTests", ["KubeClient", "KubeTesting"]),
        .testTarget(name: "KubeCRTests", dependencies: ["KubeCR", "KubeTesting"], swiftSettings: languageSettings),
        tests("FaultProxyTests", ["FaultProxy"]),
        tests("HouseTests", []),
    ] + (withTestServer ? testServerTargets : []) + fuzzTargets
)
