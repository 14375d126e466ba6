// The process-wide log: silent until somebody listens. Messages never hold a token, a key or a body.
import KubeCore
import KubeSystem

package enum LogLevel: Int32 {
    case error = 1
    case warn = 2
    case info = 3
    case debug = 4
}

/// Whoever listens. `write` is called by any thread, one call at a time; `release` once, after the last of them.
package final class LogListener {
    fileprivate let write: (LogLevel, String) -> Void
    fileprivate let release: () -> Void

    package init(write: @escaping (LogLevel, String) -> Void, release: @escaping () -> Void = {}) {
        self.write = write
        self.release = release
    }
}

package enum Log {
    private final class State {
        /// Held while a listener is being called, so that a replaced one is not in use any more.
        let lock = Lock()
        var listener: LogListener?
        var level: Int32 = 0
    }

    // A constant reference to a thing that locks itself. A child may be forked while a listener is being called.
    private nonisolated(unsafe) static let state: State = {
        let state = State()
        ProcessState.renewInChild(state.lock)
        return state
    }()

    /// Replaces the listener; returns when the previous one is not being called any more and has been released.
    package static func set(_ listener: LogListener?, level: Int32) {
        let previous = state.lock.withLock { () -> LogListener? in
            let previous = state.listener
            state.listener = listener
            state.level = listener == nil ? 0 : level
            return previous
        }
        previous?.release()
    }

    static func write(_ level: LogLevel, _ message: @autoclosure () -> String) {
        state.lock.lock()
        defer { state.lock.unlock() }
        guard let listener = state.listener, level.rawValue <= state.level else { return }
        listener.write(level, message())
    }

    static func error(_ message: @autoclosure () -> String) { write(.error, message()) }
    static func warn(_ message: @autoclosure () -> String) { write(.warn, message()) }
    static func info(_ message: @autoclosure () -> String) { write(.info, message()) }
    static func debug(_ message: @autoclosure () -> String) { write(.debug, message()) }
}
