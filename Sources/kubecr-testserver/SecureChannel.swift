// A connection over TLS: HTTP/2 or HTTP/1.1, as ALPN settles it, and a word for those who speak HTTP to the TLS port.
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2
import NIOSSL

/// Hummingbird's own channel of this kind keeps NIO's limit of 200 resets in 30 seconds. curl 7.88 resets every stream at its end,
/// finished or not, so the limit would end the connection of any busy client.
struct SecureChannel: ServerChildChannel {
    typealias Exchange = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<NIONegotiatedHTTPVersion<Exchange, NIOHTTP2Handler.AsyncStreamMultiplexer<Exchange>>>
        let channel: any Channel
    }

    private let context: NIOSSLContext
    private let http1: HTTP1Channel

    init(_ configuration: TLSConfiguration, _ http1: HTTP1Channel) throws {
        var configuration = configuration
        configuration.applicationProtocols = NIOHTTP2SupportedALPNProtocols
        context = try NIOSSLContext(configuration: configuration)
        self.http1 = http1
    }

    private static var http2: NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.stream.streamResetFrameRateLimit.maximumCount = .max
        return configuration
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers([FirstByte(), NIOSSLServerHandler(context: context)])
        }.flatMap {
            channel.configureHTTP2AsyncSecureUpgrade { channel in
                http1.setup(channel: channel, logger: logger)
            } http2ConnectionInitializer: { channel in
                channel.configureAsyncHTTP2Pipeline(mode: .server, configuration: Self.http2) { stream in
                    stream.eventLoop.makeCompletedFuture {
                        try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTPServerCodec())
                        return try Exchange(wrappingChannelSynchronously: stream)
                    }
                }
            }
        }.map { Value(negotiated: $0, channel: channel) }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http1_1(let exchange): await http1.handle(value: exchange, logger: logger)
            case .http2(let streams):
                try await withThrowingDiscardingTaskGroup { group in
                    for try await exchange in streams.inbound {
                        group.addTask { await http1.handleHTTP(asyncChannel: exchange, logger: logger) }
                    }
                }
            }
        } catch {
            logger.debug("a connection ended: \(error)")
        }
    }
}

/// The first byte of a connection must begin a TLS handshake; else the client is told so, in the words of Go's server.
private final class FirstByte: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let handshake: UInt8 = 0x16

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), first != Self.handshake else {
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            return
        }
        let refusal = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: refusal))).whenComplete { _ in loopBound.value.close(promise: nil) }
    }
}
