// A value with the place it comes from, so that an error can name file, entry and field, and a path its folder.
import Glibc
import KubeCore

/// One text of a kubeconfig entry or an option. Never empty: "" and null are "not set".
struct Setting {
    var value: String
    /// `FILE: user "NAME": FIELD` or `option FIELD`; free of secrets.
    var place: String
    /// Where a relative path begins; nil: the working directory.
    var folder: String?

    init?(_ value: String?, place: String, folder: String? = nil) {
        guard let value, !value.isEmpty else { return nil }
        self.value = value
        self.place = place
        self.folder = folder
    }

    func error(_ problem: String, _ code: KubeError.Code = .config) -> KubeError { KubeError(code, "\(place): \(problem)") }

    /// The value as an absolute path. "~" and "$NAME" are ordinary characters, as in the reference.
    var path: String { FilePath.absolute(value, in: folder) }
}

enum FilePath {
    static func absolute(_ path: String, in folder: String? = nil) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        guard let base = folder ?? workingFolder() else { return path }
        return base.utf8.last == UInt8(ascii: "/") ? base + path : base + "/" + path
    }

    /// The folder a file lies in; of a link the link's, not its target's.
    static func folder(of path: String) -> String {
        let full = absolute(path).utf8
        guard let slash = full.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == full.startIndex ? "/" : String(Substring(full[..<slash]))
    }

    private static func workingFolder() -> String? {
        guard let text = getcwd(nil, 0) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
