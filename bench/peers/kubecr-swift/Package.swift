// swift-tools-version: 6.2
// The bench's program in Swift: swift build -c release --package-path bench/peers/kubecr-swift
import PackageDescription

let package = Package(
    name: "kubecr-swift",
    dependencies: [.package(name: "kubecr", path: "../../..")],
    targets: [.executableTarget(name: "bench", dependencies: [.product(name: "KubeCR", package: "kubecr")], path: ".", sources: ["main.swift"])]
)
