// T3: a key that is not its certificate's is refused before any handshake, whatever form the two have. Made by openssl.
import Glibc
@testable import KubeConfig
import KubeCore
import Testing

/// Keys of every kind in every form, with certificates: a1 and a2 are two of the same kind.
private enum Keys {
    // Written once.
    nonisolated(unsafe) static let folder: Folder = {
        let folder = Folder()
        let script = """
            set -e; cd '\(folder.path)'
            make() { openssl genpkey "${@:2}" -out $1.key 2>/dev/null; openssl req -x509 -key $1.key -subj /CN=$1 -days 2 -out $1.pem 2>/dev/null; }
            for i in 1 2; do
              make rsa$i -algorithm RSA -pkeyopt rsa_keygen_bits:2048
              make ec$i -algorithm EC -pkeyopt ec_paramgen_curve:P-256
              make big$i -algorithm EC -pkeyopt ec_paramgen_curve:P-384
              make ed$i -algorithm ED25519
              openssl rsa -in rsa$i.key -traditional -out rsa$i.pkcs1 2>/dev/null
              openssl ec -in ec$i.key -out ec$i.sec1 2>/dev/null
              { openssl ecparam -name prime256v1; cat ec$i.sec1; } > ec$i.parameters
              openssl ec -in ec$i.key -no_public -out ec$i.private 2>/dev/null
              openssl ec -in ec$i.key -conv_form compressed -out ec$i.short 2>/dev/null
              cat ec$i.pem ec$i.key > ec$i.both
              { echo "Bag Attributes"; sed 's/$/\\r/' rsa$i.key; } > rsa$i.crlf
            done
            cat ec1.pem rsa1.pem > chain.pem
            """
        #expect(run(script) == 0)
        return folder
    }()

    static func run(_ script: String) -> Int32 {
        let file = "/tmp/kubecr-keys-\(getpid()).sh"
        guard let handle = fopen(file, "w") else { return -1 }
        fputs(script, handle)
        fclose(handle)
        defer { unlink(file) }
        return system("bash '\(file)'")
    }

    static func read(_ name: String) throws -> [UInt8] { try RegularFile.read(folder.path + "/" + name) }
}

@Suite struct KeyPairTests {
    private func refusal(_ certificate: String, _ key: String) throws -> String? {
        do {
            try KeyPair.check(certificate: Keys.read(certificate), key: Keys.read(key), "the certificate's place", "the key's place")
            return nil
        } catch let error as KubeError {
            #expect(error.code == .config)
            return error.message
        }
    }

    @Test(arguments: [
        ("rsa", ["key", "pkcs1", "crlf"]), ("ec", ["key", "sec1", "parameters", "private", "short", "both"]), ("big", ["key"]), ("ed", ["key"]),
    ])
    func T3_aKeyOfItsCertificatePasses(kind: String, forms: [String]) throws {
        for form in forms { #expect(try refusal("\(kind)1.pem", "\(kind)1.\(form)") == nil, "\(form)") }
    }

    @Test(arguments: [("rsa", ["key", "pkcs1", "crlf"]), ("ec", ["key", "sec1", "parameters", "short", "both"]), ("big", ["key"])])
    func T3_anotherKeyOfTheSameKindIsRefusedNamingBoth(kind: String, forms: [String]) throws {
        for form in forms {
            let message = try refusal("\(kind)1.pem", "\(kind)2.\(form)")
            #expect(message?.contains("the certificate's place") == true && message?.contains("the key's place") == true, "\(form)")
        }
    }

    @Test(arguments: ["rsa1.key", "big1.key", "ed1.key", "rsa1.pkcs1"])
    func T3_aKeyOfAnotherKindIsRefused(key: String) throws { #expect(try refusal("ec1.pem", key) != nil) }

    @Test func T3_theFirstCertificateIsTheOneThatCounts() throws {
        #expect(try refusal("chain.pem", "ec1.key") == nil)
        #expect(try refusal("chain.pem", "rsa1.key") != nil)
        #expect(try refusal("ec1.both", "ec1.both") == nil)
        #expect(try refusal("ec1.both", "ec2.both") != nil)
    }

    /// Not proven to be wrong: an EdDSA or a stripped key doesn't say its public half, and what isn't DER says nothing.
    @Test func T3_whatCannotBeReadIsLeftToTheHandshake() throws {
        #expect(try refusal("ed1.pem", "ed2.key") == nil)
        #expect(try refusal("ec1.pem", "ec2.private") == nil)
        for text in ["", "nothing", pem("PRIVATE KEY", "AAAA"), pem("CERTIFICATE", "AAAA"), pem("PRIVATE KEY", "*")] {
            try KeyPair.check(certificate: Array(text.utf8), key: Keys.read("ec1.key"), "", "")
            try KeyPair.check(certificate: Keys.read("ec1.pem"), key: Array(text.utf8), "", "")
        }
    }

    @Test func piecesAndDamagedBytesAreNoTrap() throws {
        for name in ["rsa1.pem", "ec1.pem", "rsa1.key", "ec1.key", "rsa1.pkcs1", "ec1.sec1"] {
            let block = try #require(PEMText.blocks(Keys.read(name)).first)
            for count in block.bytes.indices {
                let piece = Array(block.bytes[..<count])
                #expect(PublicKey(certificate: piece) == nil || count > 200)
                _ = PublicKey(privateKey: piece, label: block.label)
                var damaged = block.bytes
                for value in [0, 0x7f, 0x80, 0x84, 0xff] as [UInt8] {
                    damaged[count] = value
                    _ = PublicKey(certificate: damaged)
                    _ = PublicKey(privateKey: damaged, label: block.label)
                }
            }
        }
    }

    @Test func T3_theLoaderRefusesAPairThatDoesNotFit() throws {
        let (certificate, key) = (Keys.folder.path + "/ec1.pem", Keys.folder.path + "/ec2.key")
        let text = kubeconfig(user: ["client-certificate: \(certificate)", "client-key: \(key)"])
        expect(failure { try load(yaml: text) }, .config, "client-key: is not the key", "client-certificate gives")
        let good = kubeconfig(user: ["client-certificate: \(certificate)", "client-key: \(Keys.folder.path)/ec1.key"])
        #expect(try load(yaml: good).clientKey != nil)
    }

    @Test func textsOfChangedFilesAreLookedAtMoreClosely() throws {
        let (certificate, key) = (try Keys.read("ec1.pem"), try Keys.read("ec1.key"))
        try KeyPair.requireWhole(certificate: certificate, key: key, "", "")
        for (one, other) in [(key, key), (certificate, certificate), ([], key), (certificate, []), (Array(certificate.prefix(300)), key)] {
            #expect(throws: KubeError.self) { try KeyPair.requireWhole(certificate: one, key: other, "", "") }
        }
        #expect(KeyPair.holdsCertificate(certificate) && !KeyPair.holdsCertificate(key) && !KeyPair.holdsCertificate([]))
        #expect(!KeyPair.holdsCertificate(Array(pem("CERTIFICATE", "AAAA").utf8)))
    }
}
