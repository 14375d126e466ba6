// swift-tools-version: 6.2
// The package: engine modules, the C face (libkubecr.so), and their tests. See ARCHITECTURE.md for the house.
import PackageDescription

// KUBECR_RELEASE=1 links libkubecr.so self-contained (static Swift runtime, version script, soname). Without it, plain
// `swift build` and `swift test` stay ordinary.
let release = Context.environment["KUBECR_RELEASE"] == "1"
let root = Context.packageDirectory

// What the shared object is compiled with: the string-processing module (regular expressions, 1.4 MB) stays out, and so does
// what nobody can read from outside. A release build is made from a checkout, never as a dependency, so unsafe flags are fine.
let releaseFlags: [SwiftSetting] = release
    ? [.unsafeFlags([
        "-enforce-exclusivity=unchecked", "-Xfrontend", "-function-sections", "-Xfrontend", "-disable-reflection-metadata",
        "-Xfrontend", "-disable-implicit-string-processing-module-import",
        "-Xfrontend", "-disable-implicit-concurrency-module-import", "-Xcc", "-DKUBECR_STATIC_RUNTIME=1",
    ])]
    : []

let settings: [SwiftSetting] = releaseFlags + [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let sharedObject: [LinkerSetting] = release
    ? [.unsafeFlags([
        "-static-stdlib", "-use-ld=lld",
        "-Xlinker", "-soname=libkubecr.so.0", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
        // What is used of the Swift run-time lies together: 0.9 MB less of the file in a process (packaging/symbol-order.sh).
        "-Xlinker", "--symbol-ordering-file=\(root)/packaging/runtime.order", "-Xlinker", "--no-warn-symbol-ordering",
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

let package = Package(
    name: "kubecr",
    products: [
        .library(name: "kubecr", type: .dynamic, targets: ["KubeCRABI"]),
    ],
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
        module("KubeTesting", ["KubeClient"]),
        tests("KubeCoreTests", ["KubeCore"], exclude: ["MUTANTS.md"]),
        tests("KubeSystemTests", ["KubeSystem"]),
        tests("KubeConfigTests", ["KubeConfig", "KubeTesting"]),
        tests("KubeTransportTests", ["KubeTransport", "KubeTesting"]),
        tests("KubeClientTests", ["KubeClient", "KubeTesting"]),
        tests("HouseTests", []),
    ]
)
