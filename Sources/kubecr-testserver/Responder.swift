// One HTTP request: read into a value, answered by the server, and the answer or the stream of a watch written.
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOSSL
import SwiftASN1
import TestServer
import X509

struct Responder: Sendable {
    let server: ServerHost
    /// Clients may have certificates.
    let knowsCertificates: Bool

    func respond(to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        if request.headers[.expect]?.lowercased() == "100-continue" { try await writer.writeInformationalHead(HTTPResponse(status: .continue)) }
        var api = APIRequest(request.method.rawValue, request.head.path ?? "/", headers: Self.headers(request))
        // A GET has no body; and what is read here can't tell a watch any more that its watcher went away.
        if request.method != .get { api.body = try await Self.body(request) }
        if knowsCertificates { api.certificateUser = try await Self.user(of: channel) }
        switch server.answer(api) {
        case .response(let response): try await write(response, writer, isHead: request.method == .head)
        case .watch(let watcher): try await stream(watcher, request, writer, channel)
        }
    }

    private static func body(_ request: Request) async throws -> [UInt8] {
        var body: [UInt8] = []
        // One byte too many is enough for the server to refuse it.
        for try await part in request.body {
            body += part.readableBytesView.prefix(APIServer.maxBodyBytes + 1 - body.count)
            if body.count > APIServer.maxBodyBytes { break }
        }
        return body
    }

    private static func headers(_ request: Request) -> [String: String] {
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { $0 + "," + field.value } ?? field.value
        }
        return headers
    }

    private func write(_ response: APIResponse, _ writer: consuming ResponseWriter, isHead: Bool) async throws {
        var head = HTTPResponse(status: HTTPResponse.Status(code: response.status))
        head.headerFields[.contentType] = response.contentType
        head.headerFields[.cacheControl] = "no-cache, private"
        head.headerFields[.contentLength] = String(response.body.count)
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        if let name = HTTPField.Name("Warning") {
            for text in response.warnings {
                head.headerFields.append(HTTPField(name: name, value: "299 - \"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""))
            }
        }
        if isHead { return try await writer.writeResponse(head) }
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }

    private func stream(_ watcher: Watcher, _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let (id, changes, wake) = server.join()
        defer { server.leave(id, watcher) }
        var head = HTTPResponse(status: .ok)
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.cacheControl] = "no-cache, private"
        let body = try await writer.writeHead(head)
        try await request.body.consumeWithInboundCloseHandler { _ in
            try await pump(watcher, body, channel.eventLoop, changes, wake)
        } onInboundClosed: {
            wake.finish()
        }
    }

    private func pump(
        _ first: Watcher, _ writer: some ResponseBodyWriter, _ loop: any EventLoop, _ changes: AsyncStream<Void>, _ wake: AsyncStream<Void>.Continuation
    ) async throws {
        var watcher = first
        var body = writer
        var waiting = changes.makeAsyncIterator()
        while true {
            let batch = server.next(&watcher)
            if !batch.frames.isEmpty { try await body.write(ByteBuffer(bytes: batch.frames)) }
            if batch.ends { break }
            if batch.hasMore { continue }
            let timer = loop.scheduleTask(in: .milliseconds(max(1, batch.wakeAt - ServerHost.now()))) { wake.yield() }
            let changed: Void? = await waiting.next()
            timer.cancel()
            // The watcher went away, or the server ends.
            if changed == nil { break }
        }
        try await body.finish(nil)
    }

    /// Who the client's certificate names; nil without one. TLS has verified it.
    private static func user(of channel: any Channel) async throws -> User? {
        // Over HTTP/2 the channel is a stream's, its parent the connection's, and that one's the listener's.
        let connection = channel.parent?.parent == nil ? channel : channel.parent ?? channel
        guard let peer = try await connection.nioSSL_peerCertificate().get() else { return nil }
        let subject = try Certificate(derEncoded: peer.toDERBytes()).subject
        func values(_ type: ASN1ObjectIdentifier) -> [String] {
            subject.flatMap { names in names.filter { $0.type == type }.map { $0.value.description } }
        }
        guard let name = values(.RDNAttributeType.commonName).first else { return nil }
        return User(name: name, access: values(.RDNAttributeType.organizationName).contains("system:masters") ? .all : .none)
    }
}
