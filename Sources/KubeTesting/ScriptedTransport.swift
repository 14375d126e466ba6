// A server on paper: it writes down every request and answers by a script, on the loop, without a socket.
import KubeCore
package import KubeSystem
package import KubeTransport

/// Requests take the script's steps in their order. Belongs to the loop.
package final class ScriptedTransport {
    private struct Step {
        /// What must be asked ("GET /api/v1/pods"); nil: anything.
        let line: String?
        let answer: Answer
    }

    private let loop: Loop
    private var script: [Step] = []
    /// Every request so far, in order.
    package private(set) var exchanges: [ScriptedExchange] = []
    /// Requests that the script did not foresee; they stay unanswered.
    package private(set) var surprises: [String] = []
    package private(set) var isShutDown = false
    /// Answers what the script does not; nil leaves the request unanswered and no surprise.
    package var otherwise: ((ScriptedExchange) -> Answer?)?

    package init(loop: Loop) { self.loop = loop }

    /// The transport to give to what is tested.
    package func makeTransport() -> Transport {
        TransportSeam(start: { self.start($0, $1, $2) }, stats: { self.stats }, shutDown: { self.shutDown() })
    }

    /// The next request must be this one, and gets this answer.
    package func expect(_ line: String, _ answer: Answer) { script.append(Step(line: line, answer: answer)) }

    /// The next request gets this answer, whatever it asks.
    package func next(_ answer: Answer) { script.append(Step(line: nil, answer: answer)) }

    /// Steps that nobody has asked for yet.
    package var linesLeft: [String] { script.map { $0.line ?? "anything" } }

    package var lines: [String] { exchanges.map(\.line) }
    package var open: [ScriptedExchange] { exchanges.filter(\.isOpen) }

    private func start(_ request: HTTPRequest, _ options: TransferOptions, _ receiver: ResponseReceiver) -> Transfer {
        let exchange = ScriptedExchange(request, options, receiver, loop: loop)
        exchanges.append(exchange)
        if let step = script.first {
            if step.line == nil || step.line == exchange.line {
                script.removeFirst()
                exchange.answer(step.answer)
            } else {
                surprises.append("\(exchange.line), where \(step.line ?? "") was expected")
            }
        } else if let otherwise {
            if let answer = otherwise(exchange) { exchange.answer(answer) }
        } else {
            surprises.append(exchange.line)
        }
        return exchange.makeTransfer()
    }

    private var stats: TransportStats {
        var stats = TransportStats()
        stats.requests = Int64(exchanges.count)
        stats.active = Int64(open.count)
        return stats
    }

    private func shutDown() {
        isShutDown = true
        for exchange in open { exchange.cancel() }
    }
}
