// The variables of this process, all of them, as a copy.
import Glibc

package enum ProcessEnvironment {
    /// "NAME=value" each. Not while another thread changes the environment, as with any getenv.
    package static func copy() -> [String] {
        guard let symbol = dlsym(nil, "environ") else { return [] }
        var next = symbol.assumingMemoryBound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self).pointee
        var out: [String] = []
        while let variable = next?.pointee {
            out.append(String(cString: variable))
            next = next?.successor()
        }
        return out
    }
}
