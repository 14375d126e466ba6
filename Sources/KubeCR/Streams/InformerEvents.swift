// What an informer's consumer hears: what was there, then each change.
import KubeClient
import KubeCore

/// One change of an informer's cache, told after the cache holds it.
public enum InformerEvent<Object: ResourceObject>: Sendable {
    /// `isInitial`: it was there when the consumer began.
    case added(Object, isInitial: Bool)
    case modified(Object, old: Object)
    /// Its last state. `isStale`: the deletion itself was missed, this is the last state that was known.
    case deleted(Object, isStale: Bool)
    /// The consumer has heard of all that was there.
    case synced
    /// Told again by `resync`; nothing changed.
    case resync(Object)

    init?(_ delivery: Delivery) throws {
        func object(_ blob: ObjectBlob?) throws -> Object {
            guard let blob else { throw KubeError(.internal, "an event without an object") }
            return try Object(object: KubeObject(blob))
        }
        switch delivery.type {
        case .added: self = .added(try object(delivery.object), isInitial: delivery.flags.contains(.initial))
        case .modified where delivery.flags.contains(.resync): self = .resync(try object(delivery.object))
        case .modified: self = .modified(try object(delivery.object), old: try object(delivery.old))
        case .deleted: self = .deleted(try object(delivery.object), isStale: delivery.flags.contains(.stale))
        case .synced: self = .synced
        case .bookmark, .error, .end: return nil
        }
    }
}

/// One subscription to an informer, which it holds; tasks that ask at once share its events. A slow consumer delays nobody: beyond
/// the informer's `maxQueued` what waits for it is merged by object.
///
/// Ends when the informer is stopped. Throws `.cancelled` when the task is cancelled, and `.decode` for an object that does
/// not fit the type; the next can be asked for all the same.
public struct InformerEvents<Object: ResourceObject>: AsyncSequence, Sendable {
    let subscription: Subscription<Object>

    public struct AsyncIterator: AsyncIteratorProtocol {
        let subscription: Subscription<Object>

        public mutating func next() async throws -> InformerEvent<Object>? { try await subscription.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: subscription) }
}

/// Subscribed as long as it is held.
final class Subscription<Object: ResourceObject>: Sendable {
    private let informer: Informer<Object>
    private let stream = DeliveryStream()
    /// A failure: the informer was stopped before.
    private let handler: Result<AnyThread<Engine.Handler>, KubeError>

    init(_ informer: Informer<Object>) {
        self.informer = informer
        let stream = stream
        do throws(Engine.Failure) {
            handler = .success(AnyThread(try informer.engine.value.addHandler(stream.makeConsumer(), runner: stream.runner.value)))
        } catch {
            handler = .failure(KubeError(error))
        }
    }

    deinit {
        guard case .success(let handler) = handler else { return }
        handler.value.remove()
        stream.abandon()
    }

    func next() async throws -> InformerEvent<Object>? {
        _ = try handler.get()
        return try InformerEvent(try await stream.next())
    }
}
