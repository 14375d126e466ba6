/* What Swift sees of libcurl: curl_easy_setopt and its kin are variadic, so each kind of argument has a typed wrapper. */
#ifndef KUBECR_CURL_SHIM_H
#define KUBECR_CURL_SHIM_H
#include <curl/curl.h>
#include <sys/auxv.h>

/* Checked by the functions below, so curl's own type-checking macros are not wanted. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

/* The oldest libcurl with everything used here: CURLOPT_QUICK_EXIT. */
#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or newer is needed"
#endif

static inline CURLcode kcr_easy_set_long(CURL *_Nonnull easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode kcr_easy_set_size(CURL *_Nonnull easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode kcr_easy_set_string(CURL *_Nonnull easy, CURLoption option, const char *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode kcr_easy_set_pointer(CURL *_Nonnull easy, CURLoption option, const void *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}
/* Name and password as they are. (CURLAUTH_BASIC is a cast, which Swift does not import.) */
static inline CURLcode kcr_easy_set_auth(CURL *_Nonnull easy, CURLoption option) {
    return curl_easy_setopt(easy, option, (long)CURLAUTH_BASIC);
}
/* The bytes are not copied: they must outlive the handle. */
static inline CURLcode kcr_easy_set_blob(CURL *_Nonnull easy, CURLoption option, void *_Nonnull bytes, size_t count) {
    struct curl_blob blob = {bytes, count, CURL_BLOB_NOCOPY};
    return curl_easy_setopt(easy, option, &blob);
}

typedef size_t (*kcr_data_fn)(char *_Nullable bytes, size_t size, size_t count, void *_Nullable context);
typedef curl_socket_t (*kcr_open_fn)(void *_Nullable context, curlsocktype purpose, struct curl_sockaddr *_Nullable address);
typedef int (*kcr_close_fn)(void *_Nullable context, curl_socket_t socket);
typedef int (*kcr_debug_fn)(CURL *_Nullable easy, curl_infotype kind, char *_Nullable bytes, size_t size, void *_Nullable context);
typedef int (*kcr_prereq_fn)(void *_Nullable context, char *_Nullable remote, char *_Nullable local, int remote_port, int local_port);
typedef int (*kcr_socket_fn)(CURL *_Nullable easy, curl_socket_t socket, int what, void *_Nullable context, void *_Nullable socket_context);
typedef int (*kcr_timer_fn)(CURLM *_Nullable multi, long milliseconds, void *_Nullable context);

static inline CURLcode kcr_easy_set_data_fn(CURL *_Nonnull easy, CURLoption option, kcr_data_fn _Nonnull function) {
    return curl_easy_setopt(easy, option, function);
}
static inline CURLcode kcr_easy_set_open_fn(CURL *_Nonnull easy, kcr_open_fn _Nonnull function) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}
static inline CURLcode kcr_easy_set_close_fn(CURL *_Nonnull easy, kcr_close_fn _Nonnull function) {
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
}

static inline CURLcode kcr_easy_set_debug_fn(CURL *_Nonnull easy, kcr_debug_fn _Nonnull function) {
    return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, function);
}

static inline CURLcode kcr_easy_set_prereq_fn(CURL *_Nonnull easy, kcr_prereq_fn _Nonnull function) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

static inline CURLcode kcr_easy_get_long(CURL *_Nonnull easy, CURLINFO info, long *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode kcr_easy_get_size(CURL *_Nonnull easy, CURLINFO info, curl_off_t *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode kcr_easy_get_string(CURL *_Nonnull easy, CURLINFO info, const char *_Nullable *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode kcr_easy_get_pointer(CURL *_Nonnull easy, CURLINFO info, void *_Nullable *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode kcr_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode kcr_multi_set_socket_fn(CURLM *_Nonnull multi, kcr_socket_fn _Nonnull function, void *_Nullable context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
}
static inline CURLMcode kcr_multi_set_timer_fn(CURLM *_Nonnull multi, kcr_timer_fn _Nonnull function, void *_Nullable context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    return code ? code : curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
}

/* The result of a message; `data` is a union, which Swift would show unsafely. */
static inline CURLcode kcr_message_result(const CURLMsg *_Nonnull message) { return message->data.result; }

/* 1 in a program that runs with more rights than its caller (setuid, setgid, file capabilities). */
static inline int kcr_curl_process_is_secure(void) { return getauxval(AT_SECURE) != 0; }

#endif
