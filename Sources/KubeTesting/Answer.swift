// What a scripted server does with one request, as a value: head, pieces of a body, pauses, and how it ends.
package import KubeCore
package import KubeTransport

/// The answer to one request. Without an end the answer stays open, and more can be sent by hand.
package struct Answer {
    package enum Step {
        case head(HTTPHead)
        case body([UInt8])
        /// Nothing for so many milliseconds.
        case silence(Int64)
        case complete
        case fail(TransferFailure.Kind)
    }

    package var steps: [Step]

    package init(_ steps: [Step]) { self.steps = steps }

    /// Never a byte.
    package static var nothing: Answer { Answer([]) }

    /// A whole answer.
    package static func text(
        _ text: String, status: Int = 200, type: String = "application/json", headers: [HTTPField] = []
    ) -> Answer {
        let head = HTTPHead(status: status, fields: [HTTPField("Content-Type", type)] + headers)
        return Answer([.head(head)] + (text.isEmpty ? [] : [.body(Array(text.utf8))]) + [.complete])
    }

    /// A metav1.Status with its HTTP status; `retryAfter` is the text of the header.
    package static func status(_ code: Int, _ reason: String, _ message: String = "", retryAfter: String? = nil, details: String = "") -> Answer {
        let headers = retryAfter.map { [HTTPField("Retry-After", $0)] } ?? []
        return text(Sample.status(code, reason, message, details: details), status: code, headers: headers)
    }

    /// No answer, but a failure.
    package static func failure(_ kind: TransferFailure.Kind) -> Answer { Answer([.fail(kind)]) }

    /// A watch that sends these texts, each as a piece of its own, and stays open.
    package static func stream(_ events: String...) -> Answer { stream(events) }

    package static func stream(_ events: [String]) -> Answer {
        Answer([.head(HTTPHead(status: 200, fields: [HTTPField("Content-Type", "application/json")]))] + events.map { .body(Array($0.utf8)) })
    }

    /// The same answer, with something behind it.
    package func then(_ steps: Step...) -> Answer { Answer(self.steps + steps) }

    /// The same answer, ended whole: a clean end of a stream.
    package var ended: Answer { then(.complete) }

    /// The same answer, cut off: the connection is reset.
    package var cut: Answer { then(.fail(.lost)) }

    /// The same answer without its last steps: one that stays open, or is cut, in the middle.
    package func dropLast(_ count: Int) -> Answer { Answer(Array(steps.dropLast(count))) }

    /// The same bytes, in pieces of that many.
    package func split(into size: Int) -> Answer {
        Answer(steps.flatMap { step -> [Step] in
            guard case .body(let bytes) = step else { return [step] }
            return stride(from: 0, to: bytes.count, by: max(1, size)).map { .body(Array(bytes[$0..<min(bytes.count, $0 + max(1, size))])) }
        })
    }
}
