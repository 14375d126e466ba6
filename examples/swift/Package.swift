// swift-tools-version: 6.2
// The stories in Swift: `swift run --package-path examples/swift 01_list --kubeconfig PATH` from the top of the project.
import PackageDescription

let stories = ["00_readme", "01_list", "02_watch", "03_cache", "04_change", "05_errors", "06_apply", "07_patch_status", "08_wait"]

let package = Package(
    name: "examples",
    dependencies: [.package(name: "kubecr", path: "../..")],
    targets: [.target(name: "Story", dependencies: [.product(name: "KubeCR", package: "kubecr")], path: "Story")]
        + stories.map { .executableTarget(name: $0, dependencies: ["Story", .product(name: "KubeCR", package: "kubecr")], path: $0) }
)
