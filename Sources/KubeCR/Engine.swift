// The engine's types under names of their own: `KubeClient` is both its module and this module's client.
package import KubeClient
package import KubeConfig
package import KubeCore

package enum Engine {
    package typealias Client = KubeClient::Client
    package typealias Options = KubeClient::ClientOptions
    package typealias Config = KubeConfig::ClientConfig
    package typealias Call = KubeClient::ClientCall
    package typealias Request = KubeClient::CallRequest
    package typealias Answer = KubeClient::CallResult
    package typealias Watch = KubeClient::Watch
    package typealias Informer = KubeClient::Informer
    package typealias Handler = KubeClient::InformerHandler
    package typealias Failure = KubeCore::KubeError
    package typealias List = KubeCore::ObjectList
    package typealias Manifest = KubeClient::Manifest
}

/// Something of the engine that any thread may use: immutable, or locked by itself. The engine knows no `Sendable`.
package struct AnyThread<Value>: @unchecked Sendable {
    package let value: Value

    package init(_ value: Value) { self.value = value }
}
