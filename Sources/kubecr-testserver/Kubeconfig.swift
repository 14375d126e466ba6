// The kubeconfig with which an agent, or kubectl, reaches this server.
import ArgumentParser
import Glibc
import KubeCore
import TestServer

struct Kubeconfig {
    var server: String
    /// The CA in PEM; nil without TLS.
    var authority: String?
    var token: String

    var text: String {
        let name = "kubecr-testserver"
        var lines = [
            "apiVersion: v1", "kind: Config", "current-context: \(name)",
            "clusters:", "- name: \(name)", "  cluster:", "    server: \(JSONValue.string(server).text)",
        ]
        if let authority { lines.append("    certificate-authority-data: \(Base64.encode(authority.utf8))") }
        lines += [
            "contexts:", "- name: \(name)", "  context:", "    cluster: \(name)", "    user: \(name)", "    namespace: default",
            "users:", "- name: \(name)", "  user:", "    token: \(JSONValue.string(token).text)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whole and for its owner only from the first moment on: beside its place, then moved there.
    func write(to path: String) throws {
        let draft = "\(path).\(getpid())"
        func fail(_ what: String) -> ValidationError { ValidationError("\(path): \(what): \(String(cString: strerror(errno)))") }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw fail("cannot be written") }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(file)
                unlink(draft)
                throw fail("cannot be written")
            }
            rest = rest.dropFirst(count)
        }
        close(file)
        guard rename(draft, path) == 0 else {
            unlink(draft)
            throw fail("cannot be put in place")
        }
    }
}
