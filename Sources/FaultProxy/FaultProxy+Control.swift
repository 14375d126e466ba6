// The control port's resources: rules, connections, stats, reset. HTTP itself is ControlRequest's.
import KubeCore

extension FaultProxy {
    func answer(_ request: ControlRequest) -> ControlAnswer {
        do throws(Refusal) {
            return ControlAnswer(status: 200, body: try result(of: request).bytes())
        } catch {
            return ControlAnswer.refused(error.status, error.message)
        }
    }

    private struct Refusal: Error {
        var status: Int
        var message: String
    }

    private func result(of request: ControlRequest) throws(Refusal) -> JSONValue {
        let methods = ["/rules": ["GET", "PUT", "POST", "DELETE"], "/connections": ["GET"], "/stats": ["GET"], "/reset": ["POST"]]
        guard let allowed = methods[request.path] else {
            throw Refusal(status: 404, message: "there are /rules, /connections, /stats and /reset here")
        }
        guard allowed.contains(request.method) else { throw Refusal(status: 405, message: "\(request.path) takes \(allowed.joined(separator: ", "))") }
        guard request.query.isEmpty || request.path == "/reset" else { throw Refusal(status: 400, message: "\(request.path) takes no parameters") }
        switch (request.path, request.method) {
        case ("/connections", _): return connectionsJSON
        case ("/stats", _): return statsJSON
        case ("/reset", _): return try reset(request.query)
        case ("/rules", "DELETE"): removeRules()
        case ("/rules", "PUT"), ("/rules", "POST"):
            // Read first: a script that is refused changes nothing.
            let new: [FaultRule]
            do throws(KubeError) { new = try FaultScript.rules(request.body) } catch { throw Refusal(status: 400, message: error.message) }
            guard request.method == "PUT" || entries.count + new.count <= FaultScript.maxRules else {
                throw Refusal(status: 400, message: "more than \(FaultScript.maxRules) rules")
            }
            if request.method == "PUT" { removeRules() }
            add(new)
        default: break
        }
        return .array(entries.map(\.json))
    }

    private func reset(_ query: String) throws(Refusal) -> JSONValue {
        if query.isEmpty { return .object([.init("reset", .number(String(resetAll())))]) }
        let prefix = "connection="
        guard query.hasPrefix(prefix), let number = Int64(query.dropFirst(prefix.count)) else {
            throw Refusal(status: 400, message: "/reset takes connection=NUMBER or nothing")
        }
        guard reset(connection: number) else { throw Refusal(status: 404, message: "connection \(number) is not open") }
        return .object([.init("reset", .number("1"))])
    }
}

extension ControlAnswer {
    static func refused(_ status: Int, _ message: String) -> ControlAnswer {
        ControlAnswer(status: status, body: JSONValue.object([.init("error", .string(message))]).bytes())
    }
}
