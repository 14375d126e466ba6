/* Objects, lists, errors and text: made from JSON, read by pointer, owned and kept. Needs no server. */
#include "check.h"

static const char *DOCUMENT =
    "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"a-project\","
    "\"namespace\":\"team-a\",\"uid\":\"11111111-2222-3333-4444-555555555555\",\"resourceVersion\":\"42\","
    "\"labels\":{\"app.kubernetes.io/name\":\"web\",\"tilde~key\":\"t\",\"a~1b\":\"both\"}},"
    "\"spec\":{\"replicas\":3,\"ratio\":0.25,\"big\":9223372036854775807,\"small\":-9223372036854775808,"
    "\"huge\":9223372036854775808,\"exponent\":1e3,\"paused\":true,\"off\":false,\"none\":null,\"image\":\"exa\\u006dple\\n\\ud83d\\ude00\","
    "\"list\":[10,{\"deep\":\"yes\"},[]],\"\":\"empty key\",\"zero\":\"a\\u0000b\"}}";

static kcr_object *object_of(const char *json) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_object_from_json(json, KCR_AUTO_LEN, &object, &error);
    REQUIRE(status == KCR_OK && object, "%s: %s", json, kcr_error_message(error));
    return object;
}

static void accessors_give_the_identity(void) {
    kcr_object *object = object_of(DOCUMENT);
    CHECK_TEXT(kcr_object_name(object), "a-project", "name");
    CHECK_TEXT(kcr_object_namespace(object), "team-a", "namespace");
    CHECK_TEXT(kcr_object_key(object), "team-a/a-project", "key");
    CHECK_TEXT(kcr_object_uid(object), "11111111-2222-3333-4444-555555555555", "uid");
    CHECK_TEXT(kcr_object_resource_version(object), "42", "resourceVersion");
    CHECK(kcr_object_is_partial(object) == 0, "a whole object is not partial");
    CHECK(kcr_object_name(object) == kcr_object_name(object), "a borrowed name stays where it is");
    size_t length = 0;
    CHECK_TEXT(kcr_object_json(object, &length), DOCUMENT, "the JSON");
    CHECK(length == strlen(DOCUMENT), "the length is %zu, not %zu", length, strlen(DOCUMENT));
    kcr_object_free(object);

    object = object_of("{\"metadata\":{\"name\":\"node-1\"}}");
    CHECK_TEXT(kcr_object_key(object), "node-1", "key without namespace");
    CHECK_TEXT(kcr_object_namespace(object), "", "namespace");
    CHECK_TEXT(kcr_object_uid(object), "", "uid");
    kcr_object_free(object);
}

static void strings_are_read_and_unescaped(void) {
    kcr_object *object = object_of(DOCUMENT);
    static const char *const cases[][2] = {
        {"/metadata/name", "a-project"},
        {"/metadata/labels/app.kubernetes.io~1name", "web"},
        {"/metadata/labels/tilde~0key", "t"},
        {"/metadata/labels/a~01b", "both"},
        {"/spec/image", "example\n\xf0\x9f\x98\x80"},
        {"/spec/list/1/deep", "yes"},
        {"/spec/", "empty key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL;
        kcr_error *error = NULL;
        WORKS(kcr_object_get_string(object, cases[i][0], &text, &error), error, cases[i][0]);
        CHECK_TEXT(text, cases[i][1], cases[i][0]);
        kcr_string_free(text);
    }
    kcr_object_free(object);
}

static void numbers_and_booleans_are_read(void) {
    kcr_object *object = object_of(DOCUMENT);
    kcr_error *error = NULL;
    int64_t integer = 0;
    double number = 0;
    int32_t boolean = -1;
    WORKS(kcr_object_get_int(object, "/spec/replicas", &integer, &error), error, "replicas");
    CHECK(integer == 3, "replicas is %" PRId64, integer);
    WORKS(kcr_object_get_int(object, "/spec/big", &integer, &error), error, "big");
    CHECK(integer == INT64_MAX, "big is %" PRId64, integer);
    WORKS(kcr_object_get_int(object, "/spec/small", &integer, &error), error, "small");
    CHECK(integer == INT64_MIN, "small is %" PRId64, integer);
    WORKS(kcr_object_get_int(object, "/spec/list/0", &integer, &error), error, "an array's element");
    CHECK(integer == 10, "the element is %" PRId64, integer);
    EXPECT(kcr_object_get_int(object, "/spec/huge", &integer, &error), KCR_ERR_TYPE, error, "/spec/huge", "2^63 as an integer");
    error = NULL;
    WORKS(kcr_object_get_double(object, "/spec/ratio", &number, &error), error, "ratio");
    CHECK(number > 0.2499 && number < 0.2501, "ratio is %f", number);
    WORKS(kcr_object_get_double(object, "/spec/exponent", &number, &error), error, "exponent");
    CHECK(number > 999.9 && number < 1000.1, "exponent is %f", number);
    WORKS(kcr_object_get_double(object, "/spec/replicas", &number, &error), error, "an integer as double");
    CHECK(number > 2.9 && number < 3.1, "replicas is %f", number);
    WORKS(kcr_object_get_bool(object, "/spec/paused", &boolean, &error), error, "paused");
    CHECK(boolean == 1, "paused is %d", boolean);
    WORKS(kcr_object_get_bool(object, "/spec/off", &boolean, &error), error, "off");
    CHECK(boolean == 0, "off is %d", boolean);
    kcr_object_free(object);
}

static void json_and_slices_are_the_bytes_themselves(void) {
    kcr_object *object = object_of(DOCUMENT);
    kcr_error *error = NULL;
    char *json = NULL;
    size_t length = 0;
    WORKS(kcr_object_get_json(object, "/spec/list", &json, &error), error, "the list");
    CHECK_TEXT(json, "[10,{\"deep\":\"yes\"},[]]", "the list");
    kcr_string_free(json);
    WORKS(kcr_object_get_json(object, "/metadata/name", &json, &error), error, "a string as JSON");
    CHECK_TEXT(json, "\"a-project\"", "a string as JSON");
    kcr_string_free(json);
    WORKS(kcr_object_get_json(object, "/spec/none", &json, &error), error, "null as JSON");
    CHECK_TEXT(json, "null", "null as JSON");
    kcr_string_free(json);
    WORKS(kcr_object_get_json(object, "", &json, &error), error, "the whole as JSON");
    CHECK_TEXT(json, DOCUMENT, "the whole as JSON");
    kcr_string_free(json);

    const char *slice = kcr_object_slice(object, "/spec/ratio", &length);
    CHECK(slice && length == 4 && !memcmp(slice, "0.25", 4), "the slice of ratio has %zu bytes", length);
    CHECK(slice > kcr_object_json(object, NULL), "a slice lies inside the object");
    CHECK(kcr_object_slice(object, "/spec/nothing", &length) == NULL, "an absent slice is NULL");
    CHECK(kcr_object_slice(object, "/spec/ratio", NULL) == NULL, "a slice without a length is refused");
    CHECK(kcr_object_slice(object, NULL, &length) == NULL, "a slice without a pointer is refused");
    CHECK(kcr_object_slice(NULL, "/spec", &length) == NULL, "a slice of nothing is NULL");
    kcr_object_free(object);
}

static void absent_and_wrong_types_say_so(void) {
    kcr_object *object = object_of(DOCUMENT);
    static const char *const absent[] = {"/nothing", "/spec/replicas/deeper", "/spec/list/3", "/spec/list/-", "/spec/list/01",
                                         "/metadata/labels/a~1b", "/spec/list/99999999999999999999", "/metadata/labels/tilde~1key"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        char *text = (char *)0x1;
        kcr_error *error = NULL;
        EXPECT(kcr_object_get_string(object, absent[i], &text, &error), KCR_ERR_NOT_FOUND, error, absent[i], absent[i]);
        CHECK(text == (char *)0x1, "%s: the output was touched on failure", absent[i]);
    }
    char *text = NULL;
    int64_t integer = 7;
    int32_t boolean = 7;
    double number = 7;
    kcr_error *error = NULL;
    EXPECT(kcr_object_get_string(object, "/spec/replicas", &text, &error), KCR_ERR_TYPE, error, "/spec/replicas", "a number as text");
    error = NULL;
    EXPECT(kcr_object_get_string(object, "/spec/none", &text, &error), KCR_ERR_TYPE, error, "/spec/none", "null as text");
    error = NULL;
    EXPECT(kcr_object_get_string(object, "/spec/zero", &text, &error), KCR_ERR_TYPE, error, "/spec/zero", "text with a NUL inside");
    error = NULL;
    EXPECT(kcr_object_get_int(object, "/metadata/name", &integer, &error), KCR_ERR_TYPE, error, "/metadata/name", "text as integer");
    error = NULL;
    EXPECT(kcr_object_get_int(object, "/spec/ratio", &integer, &error), KCR_ERR_TYPE, error, "/spec/ratio", "a fraction as integer");
    error = NULL;
    EXPECT(kcr_object_get_double(object, "/spec/paused", &number, &error), KCR_ERR_TYPE, error, "/spec/paused", "a boolean as number");
    error = NULL;
    EXPECT(kcr_object_get_bool(object, "/spec/replicas", &boolean, &error), KCR_ERR_TYPE, error, "/spec/replicas", "a number as boolean");
    CHECK(integer == 7 && boolean == 7 && number > 6.9, "outputs are untouched on failure");
    static const char *const malformed[] = {"spec", "/spec/~2", "/spec/~", "/\xff"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        error = NULL;
        EXPECT(kcr_object_get_string(object, malformed[i], &text, &error), KCR_ERR_ARGUMENT, error, NULL, "a malformed pointer");
    }
    kcr_object_free(object);
}

static void invalid_json_is_refused(void) {
    static const char *const broken[] = {
        "",      "{",           "{\"a\":}",         "{\"a\":1,}", "{'a':1}",           "{\"a\":01}",      "{\"a\":1} x",
        "{a:1}", "{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "[1,2",      "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "nul",   "{\"a\":+1}",   "{\"a\":1.}",      "{\"a\":.5}", "{\"a\":1e}",        "{\"a\" 1}",       "{\"a\":1 \"b\":2}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        kcr_object *object = NULL;
        kcr_error *error = NULL;
        kcr_status status = kcr_object_from_json(broken[i], KCR_AUTO_LEN, &object, &error);
        CHECK(status == KCR_ERR_DECODE || status == KCR_ERR_ARGUMENT, "\"%s\" gives %s", broken[i], kcr_status_name(status));
        CHECK(object == NULL, "\"%s\" gave an object", broken[i]);
        EXPECT(status, status, error, NULL, "broken JSON");
    }
    char deep[1300] = "";
    memset(deep, '[', 600);
    memset(deep + 600, ']', 600);
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_object_from_json(deep, 1200, &object, &error);
    CHECK(status != KCR_OK && object == NULL, "600 levels are refused, not %s", kcr_status_name(status));
    kcr_error_free(error);
}

static void json_may_be_part_of_a_longer_buffer(void) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_object_from_json("{\"a\":1}garbage", 7, &object, &error), error, "seven bytes");
    CHECK_TEXT(kcr_object_json(object, NULL), "{\"a\":1}", "the copy");
    kcr_object_free(object);
}

static void retained_objects_outlive_the_first_owner(void) {
    kcr_object *object = object_of(DOCUMENT);
    kcr_object *kept = kcr_object_retain(object);
    CHECK(kept != NULL, "retain gives a handle");
    kcr_object_free(object);
    CHECK_TEXT(kcr_object_name(kept), "a-project", "the kept object's name");
    kcr_object_free(kept);
    CHECK(kcr_object_retain(NULL) == NULL, "retaining nothing gives nothing");
}

static void retained_errors_outlive_the_first_owner(void) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    CHECK(kcr_object_from_json("{", 1, &object, &error) != KCR_OK, "broken JSON fails");
    kcr_error *kept = kcr_error_retain(error);
    char before[512];
    snprintf(before, sizeof before, "%s", kcr_error_message(error));
    kcr_error_free(error);
    CHECK_TEXT(kcr_error_message(kept), before, "the kept error's message");
    CHECK(kcr_error_http_status(kept) == 0, "no HTTP status");
    CHECK_TEXT(kcr_error_reason(kept), "", "reason");
    CHECK(kcr_error_status_json(kept, NULL) == NULL, "no Status");
    CHECK(kcr_error_retry_after_ms(kept) == -1, "no Retry-After");
    CHECK(kcr_error_is_retryable(kept) == 0, "repeating it would not help");
    kcr_error_free(kept);
    CHECK(kcr_error_retain(NULL) == NULL, "retaining nothing gives nothing");
}

static void text_is_quoted_as_json(void) {
    char *quoted = kcr_json_quote("say \"hi\"\\\n\t\x01 \xc3\xa9", KCR_AUTO_LEN);
    REQUIRE(quoted, "quoting works");
    char document[256];
    snprintf(document, sizeof document, "{\"text\":%s}", quoted);
    kcr_string_free(quoted);
    kcr_object *object = object_of(document);
    char *back = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_object_get_string(object, "/text", &back, &error), error, "reading it back");
    CHECK_TEXT(back, "say \"hi\"\\\n\t\x01 \xc3\xa9", "what came back");
    kcr_string_free(back);
    kcr_object_free(object);
    quoted = kcr_json_quote("abcdef", 3);
    CHECK_TEXT(quoted, "\"abc\"", "three bytes quoted");
    kcr_string_free(quoted);
    quoted = kcr_json_quote("", 0);
    CHECK_TEXT(quoted, "\"\"", "nothing quoted");
    kcr_string_free(quoted);
    CHECK(kcr_json_quote("\xff", 1) == NULL, "bad UTF-8 cannot be quoted");
    CHECK(kcr_json_quote("a", (size_t)-2) == NULL, "a negative length cannot be quoted");
}

static void version_and_names_are_stable(void) {
    CHECK_TEXT(kcr_version(), "0.1.0", "version");
    CHECK(kcr_abi() == KCR_ABI, "the library's ABI is %d, the header's %d", kcr_abi(), KCR_ABI);
    CHECK_TEXT(kcr_status_name(KCR_OK), "OK", "name");
    CHECK_TEXT(kcr_status_name(KCR_ERR_NOT_FOUND), "NOT_FOUND", "name");
    CHECK_TEXT(kcr_status_name(KCR_ERR_TOO_MANY_REQUESTS), "TOO_MANY_REQUESTS", "name");
    CHECK(kcr_status_name((kcr_status)12345) != NULL, "an unknown status has some name");
}

int main(void) {
    RUN(accessors_give_the_identity);
    RUN(strings_are_read_and_unescaped);
    RUN(numbers_and_booleans_are_read);
    RUN(json_and_slices_are_the_bytes_themselves);
    RUN(absent_and_wrong_types_say_so);
    RUN(invalid_json_is_refused);
    RUN(json_may_be_part_of_a_longer_buffer);
    RUN(retained_objects_outlive_the_first_owner);
    RUN(retained_errors_outlive_the_first_owner);
    RUN(text_is_quoted_as_json);
    RUN(version_and_names_are_stable);
    return finish();
}
