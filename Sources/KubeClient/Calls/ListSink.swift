// Turns the body of one list page into objects while it arrives.
import KubeCore

/// Hands out each item; the envelope is known when the page is whole. Belongs to the loop.
class ListSink: BodySink {
    private let maxObjectBytes: Int
    private let examiner = JSONExaminer()
    private var splitter: JSONSplitter
    private(set) var envelope: ListEnvelope?
    /// "ProjectList".
    private(set) var kind = ""

    init(maxObjectBytes: Int) {
        self.maxObjectBytes = maxObjectBytes
        splitter = JSONSplitter(.items, maxObjectBytes: maxObjectBytes)
    }

    /// One item; the bytes are valid during the call.
    func item(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {}

    override func begin() {
        splitter = JSONSplitter(.items, maxObjectBytes: maxObjectBytes)
        envelope = nil
    }

    override func take(_ bytes: UnsafeRawBufferPointer) throws(KubeError) {
        try splitter.feed(bytes) { (text: UnsafeRawBufferPointer) throws(KubeError) in
            try item(text, examiner.examine(text, .document))
        }
    }

    override func finish() throws(KubeError) {
        try splitter.finish()
        let envelope = try ListEnvelope(splitter.envelope)
        kind = try JSONValue.parse(splitter.envelope)["kind"]?.string ?? ""
        self.envelope = envelope
    }
}

/// Keeps the items as they came: for `list`.
final class ObjectListSink: ListSink {
    private(set) var objects: [ObjectBlob] = []
    /// Where the present page begins.
    private var pageStart = 0
    private let form: ObjectForm

    init(maxObjectBytes: Int, form: ObjectForm = .whole) {
        self.form = form
        super.init(maxObjectBytes: maxObjectBytes)
    }

    override func begin() {
        super.begin()
        objects.removeLast(objects.count - pageStart)
    }

    override func finish() throws(KubeError) {
        try super.finish()
        try form.check(listKind: kind)
        pageStart = objects.count
    }

    /// All pages are thrown away.
    func startOver() {
        objects.removeAll()
        pageStart = 0
    }

    override func item(_ text: UnsafeRawBufferPointer, _ outline: JSONOutline) throws(KubeError) {
        try form.check(item: text, outline)
        objects.append(try ObjectBlob.make(text, outline, cutManagedFields: false, isPartial: form == .metadata))
    }
}
