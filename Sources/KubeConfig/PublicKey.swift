// The public half of a certificate or a private key. Verifies nothing: it only tells keys apart.

enum PublicKey: Equatable {
    /// The modulus without leading zeros.
    case rsa([UInt8])
    /// The curve's name and the x coordinate; nil: the key does not say it.
    case ec(curve: [UInt8], x: [UInt8]?)
    /// The algorithm's name and the key; nil: a private key that does not say it.
    case other(algorithm: [UInt8], key: [UInt8]?)

    private static let rsaName: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]
    private static let ecName: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]

    /// Of an X.509 certificate (RFC 5280). nil: not one.
    init?(certificate: [UInt8]) {
        var outer = DER(certificate[...])
        var whole = outer.enter(DER.sequence)
        var body = whole?.enter(DER.sequence)
        body?.skip(0xa0)
        guard body?.take(DER.integer) != nil else { return nil }
        // Signature, issuer, validity, subject.
        for _ in 0..<4 { guard body?.take(DER.sequence) != nil else { return nil } }
        var info = body?.enter(DER.sequence)
        guard var algorithm = info?.enter(DER.sequence), let name = algorithm.take(DER.oid),
              let key = info?.take(DER.bitString)?.dropFirst() else { return nil }
        switch Array(name) {
        case Self.rsaName:
            var outer = DER(key)
            guard var numbers = outer.enter(DER.sequence), let modulus = numbers.take(DER.integer) else { return nil }
            self = .rsa(Array(modulus.drop { $0 == 0 }))
        case Self.ecName:
            guard let curve = algorithm.take(DER.oid) else { return nil }
            self = .ec(curve: Array(curve), x: Self.x(of: key))
        case let name: self = .other(algorithm: name, key: Array(key))
        }
    }

    /// Of a private key: "RSA PRIVATE KEY" (PKCS #1), "EC PRIVATE KEY" (SEC 1) or "PRIVATE KEY" (PKCS #8).
    init?(privateKey: [UInt8], label: String) {
        var outer = DER(privateKey[...])
        guard var body = outer.enter(DER.sequence) else { return nil }
        switch label {
        case "RSA PRIVATE KEY":
            guard body.take(DER.integer) != nil, let modulus = body.take(DER.integer) else { return nil }
            self = .rsa(Array(modulus.drop { $0 == 0 }))
        case "EC PRIVATE KEY":
            guard let key = Self.ec(&body, curve: nil) else { return nil }
            self = key
        case "PRIVATE KEY":
            guard body.take(DER.integer) != nil, var algorithm = body.enter(DER.sequence), let name = algorithm.take(DER.oid),
                  let inner = body.take(DER.octetString) else { return nil }
            switch Array(name) {
            case Self.rsaName: self.init(privateKey: Array(inner), label: "RSA PRIVATE KEY")
            case Self.ecName:
                var outer = DER(inner)
                guard var key = outer.enter(DER.sequence), let half = Self.ec(&key, curve: algorithm.take(DER.oid)) else { return nil }
                self = half
            case let name: self = .other(algorithm: name, key: nil)
            }
        default: return nil
        }
    }

    private static func ec(_ body: inout DER, curve: ArraySlice<UInt8>?) -> PublicKey? {
        guard body.take(DER.integer) != nil, body.take(DER.octetString) != nil else { return nil }
        var parameters = body.tag == 0xa0 ? body.enter(0xa0) : nil
        guard let curve = parameters?.take(DER.oid) ?? curve else { return nil }
        var point = body.tag == 0xa1 ? body.enter(0xa1) : nil
        return .ec(curve: Array(curve), x: point?.take(DER.bitString).flatMap { x(of: $0.dropFirst()) })
    }

    /// The first half of "04 X Y", or all of "02 X" and "03 X".
    private static func x(of point: ArraySlice<UInt8>) -> [UInt8]? {
        switch point.first {
        case 0x04: Array(point.dropFirst().prefix(point.count / 2))
        case 0x02, 0x03: Array(point.dropFirst())
        default: nil
        }
    }

    /// Whether they can't be two sides of one key.
    func differs(from other: PublicKey) -> Bool {
        switch (self, other) {
        case (.ec(let curve, let x), .ec(let otherCurve, let otherX)): curve != otherCurve || (x != nil && otherX != nil && x != otherX)
        case (.other(let name, let key), .other(let otherName, let otherKey)): name != otherName || (key != nil && otherKey != nil && key != otherKey)
        default: self != other
        }
    }
}
