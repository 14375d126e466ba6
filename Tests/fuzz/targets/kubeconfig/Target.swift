// libFuzzer target: bytes as a kubeconfig, through the public loader. A crash, a hang or a secret in a message is a finding.
import Glibc
import KubeConfig
import KubeCore

private let secret: StaticString = "s3cr3t-of-the-environment"

/// A file without a name, in memory, that each input is written to.
private let file: CInt = {
    var path = Array("/dev/shm/kubecr-fuzz-XXXXXX".utf8CString)
    let file = mkstemp(&path)
    unlink(path)
    return file
}()

/// The first byte chooses options; the rest is the file.
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    guard ftruncate(file, 0) == 0, pwrite(file, start?.advanced(by: 1), count - 1, 0) == count - 1 else { fail("no file") }
    var options = [JSONValue.Member("kubeconfig", .string("/proc/self/fd/\(file)"))]
    if choice & 1 != 0 { options.append(.init("token", .string("\(secret)"))) }
    if choice & 2 != 0 { options.append(.init("proxyURL", .string("http://u:\(secret)@p:1"))) }
    if choice & 4 != 0 { options.append(.init("exec", "deny")) }
    if choice & 8 != 0 { options.append(.init("server", "https://127.0.0.1:1")) }
    do throws(KubeError) {
        let config = try ClientConfig.load(options: .object(options), environment: Environment())
        check(config.redacted().text)
        _ = try? config.exec?.program(searchPath: "/nowhere")
    } catch {
        check(error.message)
        if error.code == .internal { fail("an internal error") }
    }
    return 0
}

/// One line, without the secret.
private func check(_ text: String) {
    if text.isEmpty || text.contains("\(secret)") || text.utf8.contains(where: { $0 < 0x20 }) { fail(text) }
}

private func fail(_ text: String) -> Never { fatalError("not fit to be shown: \(text)") }
