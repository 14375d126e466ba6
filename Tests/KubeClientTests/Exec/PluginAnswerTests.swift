// What a plugin's answer must be (T8), what is said when it is not, and that nothing of it is repeated.
import KubeClient
import KubeConfig
import KubeCore
import KubeSystem
import KubeTransport
import Testing

private let certificate = "-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----\\n"
private let key = "-----BEGIN PRIVATE KEY-----\\nAA==\\n-----END PRIVATE KEY-----\\n"

/// Made by openssl: a certificate, its key, and another key.
private enum Pair {
    static let certificate = pem("CERTIFICATE", """
        MIIBczCCARmgAwIBAgIUVAVnMim/AUnVajGSK67L072/s58wCgYIKoZIzj0EAwIw
        DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyNjA2MTgxOVoYDzIxMjYxMTAyMDYxODE5
        WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARoqev1
        5Pt1HmFLKOPiY5dZvFRNRnlrNdaUsAtCkqo6H6ngwxrpMO4+VbHMNPa24AmTx2+t
        2A8DPabZJ3bLvQywo1MwUTAdBgNVHQ4EFgQU/HasDG9RhnPECxVLCMZbjIOQOZIw
        HwYDVR0jBBgwFoAU/HasDG9RhnPECxVLCMZbjIOQOZIwDwYDVR0TAQH/BAUwAwEB
        /zAKBggqhkjOPQQDAgNIADBFAiArHZO4Pr7heSwjCsI1PdE99sRM396NG3ZGTr2Y
        gBz0vwIhAPqCqp9bFVYG1X5TGt2pyPhzd2RdlmDh+wCOTnoXEhX8
        """)
    static let key = pem("PRIVATE KEY", "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3PDwNWVKg64GLEhV\n/4qVIF8xvUI/KHNGfcCM5V1RWjqhRANCAARoqev15Pt1HmFLKOPiY5dZvFRNRnlr\nNdaUsAtCkqo6H6ngwxrpMO4+VbHMNPa24AmTx2+t2A8DPabZJ3bLvQyw")
    static let other = pem("PRIVATE KEY", "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgu0cpkJ1b5jIW2eTt\n2TWKy7bRYgzhtwWZNZpvIyh/bo+hRANCAARWoPTUsWksnfBkCV8LbXNx7zlVyL+p\n9a1aZ/717/XNNeQJeqvtlpEDZl25YSd+c6V4twU0eqJqUkxpC2Yd2/SF")

    private static func pem(_ kind: String, _ base64: String) -> String {
        "-----BEGIN \(kind)-----\\n\(base64.replacing("\n", with: "\\n"))\\n-----END \(kind)-----\\n"
    }
}

@Suite struct PluginAnswerTests {
    private func judge(_ end: ChildEnd) throws -> Result<PluginCredential, KubeError> { PluginAnswer.judge(end, try PluginFixture.plugin()) }

    private func judge(_ status: String, kind: String = "ExecCredential", version: String = "v1") throws -> Result<PluginCredential, KubeError> {
        try judge(ChildEnd(.code(0), output: PluginScript.answer(status, kind: kind, version: version)))
    }

    @Test func T8_aTokenIsTaken() throws {
        #expect(try judge(#"{"token":"tk"}"#).get() == PluginCredential(token: "tk"))
        #expect(try judge(#"{"token":"tk","clientCertificateData":"","clientKeyData":null,"expirationTimestamp":null}"#).get() == PluginCredential(token: "tk"))
    }

    @Test func T8_aCertificateIsTakenWithItsKey() throws {
        let given = try judge(#"{"clientCertificateData":"\#(certificate)","clientKeyData":"\#(key)"}"#).get()
        #expect(given.token == nil && given.certificate?.certificatePEM.count == 55 + 4 && given.certificate?.keyPEM.isEmpty == false)
    }

    @Test func T8_bothTogetherAreTaken() throws {
        let given = try judge(#"{"token":"tk","clientCertificateData":"\#(certificate)","clientKeyData":"\#(key)"}"#).get()
        #expect(given.token == "tk" && given.certificate != nil)
    }

    @Test func T3_aKeyOfAnotherCertificateIsRefused() throws {
        func status(_ key: String) -> String { #"{"token":"s3cr3t","clientCertificateData":"\#(Pair.certificate)","clientKeyData":"\#(key)"}"# }
        #expect(try judge(status(Pair.key)).get().certificate != nil)
        let error = try failure(judge(status(Pair.other)))
        #expect(error.code == .auth && error.message.hasSuffix("do not belong together") && !error.message.contains("s3cr3t"), "\(error.message)")
    }

    @Test func T8_theExpiryIsTaken() throws {
        #expect(try judge(#"{"token":"tk","expirationTimestamp":"2023-11-14T22:13:20Z"}"#).get().expiryMs == 1_700_000_000_000)
    }

    @Test func T8_yamlIsTakenAsWell() throws {
        let yaml = "kind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: tk\n  expirationTimestamp: 2023-11-14T22:13:20Z\n"
        let given = try judge(ChildEnd(.code(0), output: Array(yaml.utf8))).get()
        #expect(given == PluginCredential(token: "tk", expiryMs: 1_700_000_000_000))
    }

    @Test(arguments: [
        (#"{}"#, "neither a token"), (#"null"#, "neither a token"), (#"{"token":""}"#, "neither a token"), (#"{"token":17}"#, "status.token is no string"),
        (#"{"token":"s3cr3t\nX: y"}"#, "control character"), (#"{"token":"s3cr3t","expirationTimestamp":"tomorrow"}"#, "RFC 3339"),
        (#"{"token":"s3cr3t","expirationTimestamp":5}"#, "no string"),
        (#"{"clientCertificateData":"s3cr3t"}"#, "without the other"), (#"{"token":"s3cr3t","clientKeyData":"s3cr3t"}"#, "without the other"),
        (#"{"clientCertificateData":"s3cr3t","clientKeyData":"s3cr3t"}"#, "without a PEM certificate"),
        (#"{"clientCertificateData":"\#(certificate)","clientKeyData":"s3cr3t"}"#, "without a PEM private key"),
        (#"{"clientCertificateData":"\#(certificate)","clientKeyData":"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n"}"#, "encrypted"),
    ]) func T8_aStatusThatIsNoneIsNamed(status: String, problem: String) throws {
        let error = try failure(judge(status))
        #expect(error.code == .auth && error.message.contains(problem), "\(error.message)")
        #expect(error.message.contains("plugin \"/plugins/p") && !error.message.contains("s3cr3t") && !error.isRetryable)
    }

    @Test func T8_kindAndVersionMustMatch() throws {
        #expect(try failure(judge(#"{"token":"s3cr3t"}"#, kind: "Secret")).message.contains("kind is not ExecCredential"))
        #expect(try failure(judge(#"{"token":"s3cr3t"}"#, version: "v1beta1")).message.contains("apiVersion is not client.authentication.k8s.io/v1,"))
        #expect(try failure(judge(#"{"token":"s3cr3t"}"#, version: "v1alpha1")).code == .auth)
    }

    @Test(arguments: ["", " \n", "s3cr3t", "[1]", "{\"s3cr3t\":", "\u{0}", "kind: [s3cr3t"]) func T8_whatIsNoObjectIsNamed(output: String) throws {
        let error = try failure(judge(ChildEnd(.code(0), output: Array(output.utf8))))
        let problem = output.allSatisfy(\.isWhitespace) ? "wrote nothing" : "neither a JSON nor a YAML object"
        #expect(error.code == .auth && error.message.hasSuffix(problem) && !error.message.contains("s3cr3t"), "\(error.message)")
    }

    @Test func T8_anExitIsNamedAndTheOutputNeverShown() throws {
        let output = PluginScript.answer(#"{"token":"s3cr3t"}"#)
        let ends: [(ChildEnd, String)] = [
            (ChildEnd(.code(3), output: output, errors: Array("s3cr3t".utf8)), "ended with exit code 3"),
            (ChildEnd(.signal(9), output: output), "ended by signal 9"),
            (ChildEnd(.signal(9), exceeded: .time, output: output), "longer than execTimeoutMs (60000 ms)"),
            (ChildEnd(.signal(9), exceeded: .output, output: output), "more than 1048576 bytes"),
            (ChildEnd(.unknown), "could not learn how"),
        ]
        for (end, problem) in ends {
            let error = try failure(judge(end))
            #expect(error.code == .auth && error.message.contains(problem) && !error.message.contains("s3cr3t"), "\(error.message)")
        }
    }

    @Test func aWholeAnswerCountsWhenNobodyKnowsTheExitCode() throws {
        #expect(try judge(ChildEnd(.unknown, output: PluginScript.answer(#"{"token":"tk"}"#))).get().token == "tk")
        #expect(try failure(judge(ChildEnd(.unknown, output: Array("{\"kind\"".utf8)))).code == .auth)
    }

    private func failure(_ result: Result<PluginCredential, KubeError>) throws -> KubeError {
        guard case .failure(let error) = result else { throw KubeError(.internal, "it was taken") }
        return error
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2023-11-14T22:13:20Z", 1_700_000_000_000), ("2018-03-05T17:30:20-08:00", 1_520_299_820_000),
        ("2018-03-06T07:00:20.5+05:30", 1_520_299_820_500), ("2000-02-29T12:00:00.123456789Z", 951_825_600_123), ("1969-12-31T23:59:59Z", -1000),
        ("2024-12-31t23:59:60z", 1_735_689_600_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ] as [(String, Int64)]) func aTimeIsRead(text: String, milliseconds: Int64) {
        #expect(Timestamp.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z", "2023-00-14T22:13:20Z", "2023-11-32T22:13:20Z", "2023-11-14T24:13:20Z",
        "2023-11-14T22:60:20Z", "2023-11-14T22:13:61Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20+0530", "2023-11-14T22:13:20+24:00", "23-11-14T22:13:20Z", "2023-11-14T22:13:20٣Z",
    ]) func anythingElseIsNot(text: String) {
        #expect(Timestamp.milliseconds(text) == nil)
    }
}

@Suite struct Base64TextTests {
    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")])
    func theVectorsOfTheRFCHold(text: String, encoded: String) { #expect(Base64Text.encode(Array(text.utf8)) == encoded) }

    @Test func everyByteIsEncoded() { #expect(Base64Text.encode([0xff, 0xfe, 0xfb, 0x00, 0x10]) == "//77ABA=") }
}
