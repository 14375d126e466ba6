// JSON texts as an API server writes them: objects, lists, events, a Status. Texts only; nothing is parsed here.

package enum Sample {
    /// A Project of the demo group. `uid` nil is "uid-NAME"; "" leaves it out, as an empty namespace is left out.
    package static func object(
        _ name: String, _ revision: Int, namespace: String = "ns", uid: String? = nil, kind: String = "Project",
        apiVersion: String = "example.sealyun.com/v1alpha1", spec: String = "{}"
    ) -> String {
        let uid = uid ?? "uid-\(name)"
        return "{\"apiVersion\":\"\(apiVersion)\",\"kind\":\"\(kind)\",\"metadata\":{\"name\":\"\(name)\""
            + (namespace.isEmpty ? "" : ",\"namespace\":\"\(namespace)\"") + (uid.isEmpty ? "" : ",\"uid\":\"\(uid)\"")
            + ",\"resourceVersion\":\"\(revision)\"},\"spec\":\(spec)}"
    }

    package static func list(
        _ objects: [String], _ revision: Int, token: String = "", kind: String = "ProjectList",
        apiVersion: String = "example.sealyun.com/v1alpha1"
    ) -> String {
        "{\"apiVersion\":\"\(apiVersion)\",\"kind\":\"\(kind)\",\"metadata\":{\"resourceVersion\":\"\(revision)\""
            + (token.isEmpty ? "" : ",\"continue\":\"\(token)\"") + "},\"items\":[\(objects.joined(separator: ","))]}"
    }

    package static func event(_ type: String, _ object: String) -> String { "{\"type\":\"\(type)\",\"object\":\(object)}\n" }

    package static func bookmark(_ revision: Int) -> String {
        event("BOOKMARK", "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"resourceVersion\":\"\(revision)\"}}")
    }

    /// `details` is a JSON object, or "" for none.
    package static func status(_ code: Int, _ reason: String, _ message: String = "", details: String = "") -> String {
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"\(message)\",\"reason\":\"\(reason)\""
            + (details.isEmpty ? "" : ",\"details\":\(details)") + ",\"code\":\(code)}"
    }

    /// The APIResourceList of the demo group: Projects with a namespace, Clusters without.
    package static let discovery = """
        {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"example.sealyun.com/v1alpha1","resources":[\
        {"name":"projects","singularName":"project","namespaced":true,"kind":"Project","verbs":["get","list","watch"],"shortNames":["proj"]},\
        {"name":"projects/status","singularName":"","namespaced":true,"kind":"Project","verbs":["get","patch"]},\
        {"name":"clusters","singularName":"cluster","namespaced":false,"kind":"Cluster","verbs":["get","list"]}]}
        """
}
