// Lists: objects with the metadata of their list, and the pages of a long one.
import KubeCore

/// Objects and what their list says of itself. From an informer: a snapshot of its cache.
public struct ResourceList<Object: ResourceObject>: RandomAccessCollection, Sendable {
    public let items: [Object]
    /// Where a watch can begin.
    public let resourceVersion: String
    /// The token of the next page; "": there is none.
    public let `continue`: String
    /// How many are left after this page; nil: the server does not say.
    public let remainingItemCount: Int?

    init(_ list: Engine.List) throws {
        items = try list.objects.map { try Object(object: KubeObject($0)) }
        resourceVersion = list.resourceVersion
        `continue` = list.continueToken
        remainingItemCount = list.remainingItemCount.map { Int($0) }
    }

    public var startIndex: Int { items.startIndex }
    public var endIndex: Int { items.endIndex }
    public subscript(position: Int) -> Object { items[position] }
}

/// The pages of a list, each asked for when it is wanted.
public struct ResourcePages<Object: ResourceObject>: AsyncSequence, Sendable {
    let page: @Sendable (_ token: String?) async throws -> ResourceList<Object>

    public struct AsyncIterator: AsyncIteratorProtocol {
        let page: @Sendable (_ token: String?) async throws -> ResourceList<Object>
        /// "" after the last page.
        var token: String?

        public mutating func next() async throws -> ResourceList<Object>? {
            if token == "" { return nil }
            let list = try await page(token)
            token = list.continue
            return list
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(page: page) }
}
