// What the library says of its work: reconnects, retries, what it skips. Never a token, a key or a body.
import KubeClient

/// The log of the whole process; silent until somebody listens.
public enum KubeLog {
    /// Each level includes the ones before it.
    public enum Level: Int32, Sendable { case error = 1, warn, info, debug }

    /// Sends messages up to `level` to `write`, instead of to whom they went before: one line each, from any thread, one at a
    /// time. `write` must not call this library.
    public static func listen(upTo level: Level, _ write: @escaping @Sendable (Level, String) -> Void) {
        Log.set(LogListener { write(Level(rawValue: $0.rawValue) ?? .error, $1) }, level: level.rawValue)
    }

    /// Nobody is told any more; returns when the last message has been written.
    public static func silence() { Log.set(nil, level: 0) }
}
