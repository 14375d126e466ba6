// Which objects a reflector lets in: learned from its lists, forgotten when the resource is gone (L9, W11).
import KubeCore
import KubeTesting
@testable import KubeClient
import Testing

struct FollowedTypeTests {
    private let group = "example.sealyun.com"

    private func outline<T>(_ text: String, _ body: (UnsafeRawBufferPointer, JSONOutline) throws -> T) throws -> T {
        var text = text
        return try text.withUTF8 { try body(UnsafeRawBufferPointer($0), JSONExaminer().examine(UnsafeRawBufferPointer($0), .document)) }
    }

    private func listed(_ type: inout FollowedType, _ kind: String, _ items: [String]) throws {
        type.listBegins()
        for item in items { try outline(item) { type.item($0, $1) } }
        try type.check(listKind: kind)
        type.listed(kind, isEmpty: items.isEmpty)
    }

    private func accepts(_ type: FollowedType, _ text: String, group: String? = nil) throws -> Bool {
        try outline(text) { type.accepts($0, $1, group: Array((group ?? self.group).utf8)) }
    }

    @Test func itsItemsSayTheKind() throws {
        var type = FollowedType()
        #expect(try accepts(type, Sample.object("a", 1, kind: "Anything")))
        try listed(&type, "OddListOfThings", [Sample.object("a", 1)])
        #expect(try accepts(type, Sample.object("b", 2)))
        #expect(try !accepts(type, Sample.object("b", 2, kind: "Projects")))
        #expect(try !accepts(type, Sample.object("b", 2, kind: "Proj")))
    }

    @Test func itemsThatDoNotSayAreCalledAfterTheirList() throws {
        var type = FollowedType()
        try listed(&type, "PodList", [#"{"metadata":{"name":"a"}}"#])
        #expect(try accepts(type, Sample.object("a", 1, kind: "Pod", apiVersion: "v1"), group: ""))
        #expect(try !accepts(type, Sample.object("a", 1, kind: "Service", apiVersion: "v1"), group: ""))
    }

    /// The list of a custom resource may be called anything, so an empty one says nothing of its items.
    @Test func anEmptyListLeavesTheKindOpen() throws {
        var type = FollowedType()
        try listed(&type, "StrangeList", [])
        #expect(try accepts(type, Sample.object("a", 1)))
        try listed(&type, "StrangeList", [Sample.object("a", 1)])
        #expect(try !accepts(type, Sample.object("a", 1, kind: "Other")))
        // And it does not take back what was learned.
        try listed(&type, "StrangeList", [])
        #expect(try !accepts(type, Sample.object("a", 1, kind: "Other")))
    }

    @Test func theGroupMustBeTheOneThatIsFollowed() throws {
        let type = FollowedType()
        #expect(try accepts(type, Sample.object("a", 1)))
        #expect(try accepts(type, Sample.object("a", 1, apiVersion: "example.sealyun.com/v2")))
        #expect(try !accepts(type, Sample.object("a", 1, apiVersion: "example.com/v1alpha1")))
        #expect(try !accepts(type, Sample.object("a", 1, apiVersion: "v1")))
        #expect(try accepts(type, Sample.object("a", 1, apiVersion: "v1"), group: ""))
        #expect(try !accepts(type, Sample.object("a", 1, apiVersion: "apps/v1"), group: ""))
        #expect(try accepts(type, #"{"metadata":{"name":"a"}}"#))
    }

    @Test func aListOfAnotherKindIsRefusedUntilItIsForgotten() throws {
        var type = FollowedType()
        try listed(&type, "ProjectList", [Sample.object("a", 1)])
        let error = #expect(throws: KubeError.self) { try type.check(listKind: "Plan\u{1b}List") }
        #expect(error?.code == .decode && error?.message == "the answer is a Plan List, not a ProjectList")
        type.forget()
        try listed(&type, "PlanList", [Sample.object("a", 1, kind: "Plan")])
        #expect(try accepts(type, Sample.object("a", 1, kind: "Plan")))
        #expect(try !accepts(type, Sample.object("a", 1)))
    }

    @Test func aListThatBreaksOffTeachesNothing() throws {
        var type = FollowedType()
        type.listBegins()
        try outline(Sample.object("a", 1, kind: "Wrong")) { type.item($0, $1) }
        try listed(&type, "ProjectList", [Sample.object("a", 1)])
        #expect(try accepts(type, Sample.object("a", 1)))
    }
}
