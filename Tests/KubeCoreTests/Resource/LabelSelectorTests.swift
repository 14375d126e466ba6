// Label selectors against labels, as apimachinery's pkg/labels reads and matches them.
import KubeCore
import Testing

@Suite struct LabelSelectorTests {
    private let object = parsed(
        #"{"kind":"Thing","metadata":{"annotations":{"x":"no"},"labels":{"app":"web","tier":"a","n":"10","empty":"","k8s.io/part-of":"x.y","esc\u0061ped":"v\u0061l"},"name":"o"},"labels":{"app":"not this"}}"#)

    @Test(arguments: [
        "", " ", "app=web", "app==web", " app = web ", "app!=db", "other!=x", "app in (web)", "app in (db, web)", "app in (db,web,)", "tier notin (b,c)", "other notin (x)",
        "app", "!other", "! other", "app,tier", "app=web,tier in (a),!b", "n>9", "n<11", "n > 9", "empty=", "empty==", "empty", "empty in ()", "k8s.io/part-of=x.y",
        "escaped=val", "app!=", "app notin ()",
    ]) func selects(text: String) throws {
        #expect(try LabelSelector(text).matches(object), "\(text)")
    }

    @Test(arguments: [
        "app=db", "app=we", "app=webb", "app!=web", "other=x", "other=", "app in (db)", "app notin (web)", "other", "!app", "app=web,tier=b", "n>10", "n<10", "app>1",
        "other>1", "empty=x", "part-of", "App=web", "escaped=v", "name=o", "x=no",
    ]) func passesOver(text: String) throws {
        #expect(try !LabelSelector(text).matches(object), "\(text)")
    }

    @Test(arguments: [
        ",", "app,", ",app", "app=web tier=a", "app=a=b", "=web", "app=(a)", "app in web", "app in (web", "app in (web))", "app is (web)", "!", "!app=web", "a b",
        "app in", "n>", "n>x", "n>1.5", "-a", "a-", "a/b/c", "/a", "a/", "app=-x", "app=x_", "ä=b", "app=é", "app in (é)", "a\u{0}b",
        "app=" + String(repeating: "x", count: 64),
    ]) func refuses(text: String) {
        let error = failure { try LabelSelector(text) }
        #expect(error.code == .argument && error.message.hasPrefix("the label selector \""), "\(text): \(error.message)")
    }

    /// Of labels that are no object, and of none, nothing is read.
    @Test(arguments: [#""labels":"app""#, #""labels":["app"]"#, #""labels":null"#, #""labels":{}"#, #""labels":{"app":7}"#, #""x":1"#, #""labels":{"app":"web"},"labels":null"#])
    func withoutLabelsNothingIsThere(labels: String) throws {
        let object = parsed(#"{"metadata":{"name":"o",\#(labels)}}"#)
        #expect(try !LabelSelector("app").matches(object) && LabelSelector("!app,app!=web").matches(object))
    }

    /// The labels are found wherever managedFields were cut out, and of equal keys the last one counts.
    @Test func theLabelsAreFoundBehindWhatWasCut() throws {
        for json in [
            #"{"metadata":{"managedFields":[{"a":"labels"}],"labels":{"app":"web"},"name":"o"}}"#, #"{"metadata":{"labels":{"app":"web"},"managedFields":[],"name":"o"}}"#,
            #"{"metadata":{"labels":{"app":"db"}},"metadata":{"name":"o","labels":{"app":"db","app":"web"}}}"#,
        ] {
            let blob = try onHeap(utf8(json)) { try ObjectBlob.parse($0, cutManagedFields: true) }
            #expect(try LabelSelector("app=web").matches(blob) && !LabelSelector("app=db").matches(blob), "\(json)")
        }
    }
}
