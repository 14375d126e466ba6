// Proxies for tests, of the two kinds there are: CONNECT and plain requests over HTTP, and SOCKS 5. They write down what they see.
import Glibc

extension Connection {
    /// Exactly so many bytes; nil when the client hung up.
    func bytes(_ count: Int) -> [UInt8]? {
        var out: [UInt8] = []
        while out.count < count {
            var buffer = [UInt8](repeating: 0, count: count - out.count)
            let received = recv(descriptor, &buffer, buffer.count, 0)
            if received <= 0 { return nil }
            out += buffer[..<received]
        }
        return out
    }

    /// Carries bytes between this connection and a port of the loopback until one of them ends.
    func join(_ port: Int) {
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(other) }
        guard dial(other, port) else { return }
        let way = startThread { [descriptor] in
            Connection.copy(from: descriptor, to: other)
            shutdown(other, Int32(SHUT_RDWR))
        }
        Connection.copy(from: other, to: descriptor)
        shutdown(descriptor, Int32(SHUT_RDWR))
        pthread_join(way, nil)
    }

    func dial(_ descriptor: Int32, _ port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafeBytes(of: &address) { connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) == 0 }
    }

    private static func copy(from source: Int32, to target: Int32) {
        let connection = Connection(target)
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count <= 0 || !connection.say(Array(buffer[..<count])) { return }
        }
    }
}

enum ByteProxy {
    /// Answers CONNECT with `status` and then leads to `port`, whatever was asked for; other requests with the body "proxied".
    static func http(to port: Int, status: String = "200 OK", log: Shared<[String]>) -> ByteServer {
        ByteServer { connection in
            while let (head, _) = connection.request() {
                log.change { $0.append(head) }
                guard head.hasPrefix("CONNECT ") else {
                    connection.answer("proxied", status: status)
                    continue
                }
                connection.say("HTTP/1.1 \(status)\r\nX-Proxy: 1\r\n\r\n")
                if status.hasPrefix("2") { connection.join(port) }
                return
            }
        }
    }

    /// Demands `user:password` if given; writes down "NAME:PORT" as asked for, leads to `port`. `answer`: the code of the reply.
    static func socks(to port: Int, login: String? = nil, answer: UInt8 = 0, log: Shared<[String]>) -> ByteServer {
        ByteServer { connection in
            guard let hello = connection.bytes(2), let methods = connection.bytes(Int(hello[1])) else { return }
            let method: UInt8 = login == nil ? 0 : 2
            guard methods.contains(method) else {
                connection.say([5, 0xff])
                return
            }
            connection.say([5, method])
            if let login {
                guard let count = connection.bytes(2), let user = connection.bytes(Int(count[1])), let length = connection.bytes(1),
                      let password = connection.bytes(Int(length[0])) else { return }
                let isRight = String(decoding: user, as: UTF8.self) + ":" + String(decoding: password, as: UTF8.self) == login
                connection.say([1, isRight ? 0 : 1])
                if !isRight { return }
            }
            guard let request = connection.bytes(4) else { return }
            var name = "address"
            switch request[3] {
            case 1: _ = connection.bytes(4)
            case 4: _ = connection.bytes(16)
            default:
                guard let length = connection.bytes(1), let text = connection.bytes(Int(length[0])) else { return }
                name = String(decoding: text, as: UTF8.self)
            }
            guard let asked = connection.bytes(2) else { return }
            log.change { $0.append("\(name):\(Int(asked[0]) << 8 | Int(asked[1]))") }
            connection.say([5, answer, 0, 1, 127, 0, 0, 1, 0, 0])
            if answer == 0 { connection.join(port) }
        }
    }
}
