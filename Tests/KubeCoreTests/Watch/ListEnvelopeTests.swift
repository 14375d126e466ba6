// Is it a list at all? A 200 that is none must not look like "everything is gone" (L9, fault 51).
import KubeCore
import Testing

@Suite struct ListEnvelopeTests {
    @Test(arguments: [
        (#"{"kind":"PodList","metadata":{"resourceVersion":"12","continue":"t"},"items":[]}"#, "12", "t"),
        (#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"12","remainingItemCount":3},"items":null}"#, "12", ""),
        (#"{"kind":"List","metadata":{},"items":[]}"#, "", ""), (#"{"kind":"PodList","metadata":{"resourceVersion":null,"continue":null},"items":[]}"#, "", ""),
        (#"{"items":[],"metadata":{"resourceVersion":"0x9-opaque"},"kind":"XList"}"#, "0x9-opaque", ""),
    ])
    func aListHasARevisionAndAToken(json: String, revision: String, token: String) throws {
        let envelope = try ListEnvelope(utf8(json))
        #expect(envelope.resourceVersion == revision && envelope.continueToken == token)
    }

    @Test(arguments: [
        ("", "empty"), ("<html>", "invalid JSON"), ("{}", "it has no kind"), ("[]", "it has no kind"), ("null", "it has no kind"), ("\"PodList\"", "it has no kind"),
        (#"{"kind":7,"metadata":{},"items":[]}"#, "it has no kind"), (#"{"kind":"Status","metadata":{},"status":"Success"}"#, "the answer is a Status, not a list"),
        (#"{"kind":"Pod","metadata":{},"items":[]}"#, "the answer is a Pod, not a list"),
        (#"{"kind":"Table","metadata":{},"rows":[]}"#, "the answer is a Table, not a list of objects"),
        (#"{"kind":"PodList","items":[]}"#, "the PodList has no metadata"), (#"{"kind":"PodList","metadata":null,"items":[]}"#, "the PodList has no metadata"),
        (#"{"kind":"PodList","metadata":[],"items":[]}"#, "the PodList has no metadata"),
        (#"{"kind":"PodList","metadata":{}}"#, "the PodList has no items"), (#"{"kind":"PodList","metadata":{},"items":{}}"#, "the items of the PodList are an object"),
        (#"{"kind":"PodList","metadata":{},"items":"x"}"#, "are a string, not an array"),
        (#"{"kind":"Pod\nList\u001b","metadata":{},"items":[]}"#, "the answer is a Pod List"),
    ])
    func fault50_L9_whatIsNoListIsAnError(json: String, complaint: String) {
        let error = failure { try ListEnvelope(utf8(json)) }
        #expect(error.code == .decode && error.message.contains(complaint), "\(error.message)")
    }

    /// As it comes out of the splitter, items or not.
    @Test(arguments: [
        (#"{"kind":"PodList","metadata":{"resourceVersion":"5"},"items":[{"a":1},{"b":2}]}"#, true), (#"{"kind":"PodList","metadata":{"resourceVersion":"5"},"items":[]}"#, true),
        (#"{"items":[{"a":1}],"kind":"PodList","metadata":{"resourceVersion":"5"}}"#, true), (#"{"kind":"PodList","metadata":{"resourceVersion":"5"},"items":null}"#, true),
        (#"{"kind":"PodList","metadata":{"resourceVersion":"5"}}"#, false), ("<!DOCTYPE html><html></html>", false), (#"{"kind":"Status","code":200}"#, false),
    ])
    func theSplittersEnvelopeIsRead(json: String, isList: Bool) throws {
        var splitter = JSONSplitter(.items, maxObjectBytes: 1000)
        let result = Result {
            try onHeap(utf8(json)) { try splitter.feed($0) { _ in } }
            try splitter.finish()
            return try ListEnvelope(splitter.envelope)
        }
        if isList { #expect(try result.get().resourceVersion == "5") } else { #expect(failure { try result.get() }.code == .decode) }
    }
}
