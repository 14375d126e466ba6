// A watch as a sequence: the events of a resource, resumed over disconnects.
import KubeClient
import KubeCore

/// One event of a watch.
public enum WatchEvent<Object: ResourceObject>: Sendable {
    case added(Object)
    case modified(Object)
    /// Its last state.
    case deleted(Object)
    /// Nothing else changed up to this resourceVersion.
    case bookmark(resourceVersion: String)
    /// Something failed; the watch resumes by itself.
    case error(KubeError)

    init?(_ delivery: Delivery) throws {
        func object() throws -> Object {
            guard let blob = delivery.object else { throw KubeError(.internal, "an event without an object") }
            return try Object(object: KubeObject(blob))
        }
        switch delivery.type {
        case .added: self = .added(try object())
        case .modified: self = .modified(try object())
        case .deleted: self = .deleted(try object())
        case .bookmark: self = .bookmark(resourceVersion: delivery.object?.resourceVersion ?? "")
        case .error: self = .error(delivery.error.map { KubeError($0.error) } ?? KubeError(.internal, "an error without a cause"))
        case .synced, .end: return nil
        }
    }
}

/// The events of a watch; tasks that ask at once share them. The watch runs from the moment this is made until nobody holds it;
/// while nobody asks for events, no more than `maxQueued` of them are read.
///
/// It ends by its time-out, with its client, or by throwing: `.gone` when its resourceVersion is too old (list and watch again, or use an
/// informer), what the server refuses, `.cancelled` when the task is cancelled. An event whose object does not fit the type
/// throws `.decode`; the next can be asked for all the same.
public struct WatchEvents<Object: ResourceObject>: AsyncSequence, Sendable {
    let run: WatchRun

    public struct AsyncIterator: AsyncIteratorProtocol {
        let run: WatchRun

        public mutating func next() async throws -> WatchEvent<Object>? {
            let delivery = try await run.stream.next()
            guard delivery.type == .end else { return try WatchEvent(delivery) }
            if let error = delivery.error { throw KubeError(error.error) }
            return nil
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(run: run) }
}

/// Runs as long as it is held.
final class WatchRun: Sendable {
    let stream = DeliveryStream()
    private let watch: AnyThread<Engine.Watch>

    init(_ client: KubeClient, _ resource: String, _ namespace: String, _ options: JSONValue) throws {
        try client.checkOpen()
        let stream = stream
        watch = AnyThread(try KubeError.translating { () throws(Engine.Failure) in
            try Engine.Watch(
                client.engine.value, resource: resource, namespace: namespace, options: options, consumer: stream.makeConsumer(),
                runner: stream.runner.value)
        })
        watch.value.start()
    }

    deinit {
        watch.value.stop()
        stream.abandon()
    }
}
