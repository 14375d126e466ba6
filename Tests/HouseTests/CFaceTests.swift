// The C face says the same in four places: the header, the version script, the exported functions, and the numbers of the engine.
import Testing

@Suite struct CFaceTests {
    let header = Result { try House.read("include/kubecr.h") }

    // MARK: Functions

    @Test func headerVersionScriptAndFunctionsNameTheSame() throws {
        let declared = ("kubecr.h", CFace.declared(try header.get()))
        let exported = ("kubecr.map", CFace.exported(try House.read("Sources/KubeCRABI/kubecr.map")))
        let swift = try House.sources.get().filter { $0.isSwift && $0.module == "KubeCRABI" }
        let implemented = ("KubeCRABI", swift.flatMap { CFace.implemented($0.text) })
        #expect(declared.1.count > 70)
        #expect(CFace.differences(declared, exported) == [])
        #expect(CFace.differences(declared, implemented) == [])
    }

    @Test func functionsOfAHeaderAreFound() {
        let text = """
            /* kcr_not(this); */
            #define KCR_CALL(x) kcr_neither(x)
            typedef void (*kcr_log_fn)(int32_t level);
            typedef struct kcr_a kcr_a;
            kcr_status  kcr_one(const kcr_a *self,
                                kcr_log_fn fn, void (*user_data_free)(void *));
            const char *kcr_two(void); void kcr_three(kcr_a *self); // kcr_four(void);
            KCR_API kcr_status kcr_five(void);
            extern const int kcr_number;
            """
        #expect(CFace.declared(text) == ["kcr_one", "kcr_two", "kcr_three", "kcr_five"])
    }

    @Test func functionsOfAVersionScriptAndOfSwiftAreFound() {
        #expect(CFace.exported("/* kcr_no; */\nK {\nglobal:\n    kcr_a;\n  kcr_b; kcr_c;\nlocal:\n    *;\n};") == ["kcr_a", "kcr_b", "kcr_c"])
        let swift = "@c(kcr_a) @implementation\npublic func kcr_a() {}\n// @c(kcr_no)\n    @c(kcr_b)\n@convention(c)\n"
        #expect(CFace.implemented(swift) == ["kcr_a", "kcr_b"])
    }

    @Test func aMissingFunctionIsFoundOnEitherSide() {
        #expect(CFace.differences(("x", ["a", "b"]), ("y", ["b", "c"])) == ["a is in x, not in y", "c is in y, not in x"])
        #expect(CFace.differences(("x", ["a", "a"]), ("y", ["a"])) == ["a stands twice in x"])
        #expect(CFace.differences(("x", ["a", "b"]), ("y", ["b", "a"])) == [])
    }

    // MARK: Numbers

    @Test(arguments: NumberGroup.all) func theHeadersNumbersAreTheEngines(group: NumberGroup) throws {
        #expect(group.differences(swift: try House.read(group.file), header: try header.get()) == [])
    }

    @Test func numbersOfAHeaderAreReadInBothForms() {
        let text = """
            #define KCR_ERR_ARGUMENT (-1)   /* KCR_ERR_NO (-9) */
            #define KCR_ERR_STATE -2
            #define KCR_ERR_CAST ((kcr_status)-3)
            #define KCR_FLAG_STALE (1 << 2)
            #define KCR_FLAG_HEX 0x10
            #define KCR_GUARD
            enum { KCR_EVENT_ADDED = 1, KCR_EVENT_MODIFIED = 2,
                KCR_EVENT_END = 7 };
            // KCR_EVENT_NO = 8
            """
        #expect(CFace.constants(text) == [
            "KCR_ERR_ARGUMENT": -1, "KCR_ERR_STATE": -2, "KCR_ERR_CAST": -3, "KCR_FLAG_STALE": 4, "KCR_FLAG_HEX": 16,
            "KCR_EVENT_ADDED": 1, "KCR_EVENT_MODIFIED": 2, "KCR_EVENT_END": 7,
        ])
    }

    @Test func numbersOfSwiftAreRead() {
        let text = """
            package enum Other: Int32 { case no = 9 }
            package struct E { package enum Code: Int32, CaseIterable {
                /// case not = 3
                case argument = -1
                case `internal` = -14
                case noMemory = -13
            }
            case outside = 5
            }
            """
        let code = NumberGroup(file: "F", type: "enum Code: Int32", prefix: "KCR_ERR_")
        #expect(code.numbers(in: text.replacing("struct E { ", with: "")) == ["KCR_ERR_ARGUMENT": -1, "KCR_ERR_INTERNAL": -14, "KCR_ERR_NO_MEMORY": -13])
        let flags = NumberGroup(file: "F", type: "struct EventFlags: OptionSet", prefix: "KCR_FLAG_")
        let set = "struct EventFlags: OptionSet, Sendable {\n let rawValue: Int32\n package static let initial = EventFlags(rawValue: 1)\n}"
        #expect(flags.numbers(in: set) == ["KCR_FLAG_INITIAL": 1])
    }

    @Test func everyDifferenceOfNumbersIsFound() {
        let group = NumberGroup(file: "F", type: "enum Level: Int32", prefix: "KCR_LOG_")
        let swift = "enum Level: Int32 {\n case error = 1\n case warn = 2\n}"
        #expect(group.differences(swift: swift, header: "#define KCR_LOG_ERROR 1\n#define KCR_LOG_WARN 2") == [])
        #expect(group.differences(swift: swift, header: "#define KCR_LOG_ERROR 1").count == 1)
        #expect(group.differences(swift: swift, header: "#define KCR_LOG_ERROR 1\n#define KCR_LOG_WARN 3").count == 1)
        #expect(group.differences(swift: swift, header: "#define KCR_LOG_ERROR 1\n#define KCR_LOG_WARN 2\n#define KCR_LOG_MORE 4").count == 1)
        #expect(group.differences(swift: "enum Else: Int32 {}", header: "").count == 1)
        // A case without a number of its own would be given one that nobody compared.
        #expect(group.differences(swift: swift.replacing(" = 2", with: ""), header: "#define KCR_LOG_ERROR 1").count == 1)
    }
}
