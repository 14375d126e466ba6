/* kubecr.h: the Kubernetes client for programs that are not written in Go.
 *
 *   cc agent.c $(pkg-config --cflags --libs kubecr) -o agent
 *
 * THE RULES. Every function keeps to them; a function's own comment says only what they leave open.
 *
 * 1. Status and error. A call that can fail returns kcr_status (KCR_OK is 0, failures are negative, values never change) and
 *    takes kcr_error **error last. `error` may be NULL. On success only the outputs are written, on failure only *error. There
 *    is no last error per thread; nothing is ever printed to stdout or stderr. Accessors accept NULL and then give KCR_OK, "",
 *    0 or NULL. A negative length other than KCR_AUTO_LEN, a NULL where a value is needed, invalid UTF-8 and an embedded NUL in
 *    a name are KCR_ERR_ARGUMENT. Allocation failure inside the Swift run-time aborts the process; KCR_ERR_NO_MEMORY is for what
 *    curl, libyaml and our own buffers refuse.
 *
 * 2. Ownership. What arrives through an output is yours: free it once with its _free function. _free(NULL) does nothing. A
 *    pointer that is returned is borrowed: it lives as long as the handle it was asked of, unless the function says "owned".
 *    Inputs are copied before the call returns; only `user_data` is kept. What a callback is given is borrowed until it returns;
 *    _retain keeps an object, a list or an error. Children keep their parents alive, so free in any order. Use after free is
 *    undefined, as in any C library; a handle of the wrong type is caught by its magic word.
 *
 * 3. Text. Names, namespaces and paths are NUL-terminated UTF-8. JSON and YAML go in as pointer and length (KCR_AUTO_LEN: take
 *    strlen). Text comes out as pointer, length through `size_t *len` (may be NULL), and a NUL after the last byte, so that it
 *    prints with "%s".
 *
 * 4. Options are JSON objects (NULL: none), with Kubernetes' own names wherever Kubernetes has one: labelSelector,
 *    fieldSelector, limit, continue, resourceVersion, resourceVersionMatch, timeoutSeconds, dryRun, fieldManager,
 *    fieldValidation, force, gracePeriodSeconds, propagationPolicy, preconditions, ... Ours end in "Ms" when they are times.
 *    An unknown key or a wrong type is KCR_ERR_ARGUMENT with the key in the message. kcr_json_quote makes a JSON string of any
 *    text.
 *
 * 5. Resources are text. If the first segment is a version (v1, v1beta2): VERSION/RESOURCE[/SUBRESOURCE] ("v1/pods/log"). Else
 *    if the second is: GROUP/VERSION/RESOURCE[/SUBRESOURCE] ("example.sealyun.com/v1alpha1/projects"). Else kubectl's form
 *    RESOURCE[.VERSION][.GROUP][/SUBRESOURCE] with plural, singular, short name or kind ("projects", "proj",
 *    "Project.example.sealyun.com"), resolved once through discovery.
 *    Namespace `ns`: a name; "" is no namespace in the URL (cluster scope, or all namespaces for list, watch and informer); NULL
 *    is "" for list, watch and informer, and for a single object the config's namespace if the resource is namespaced (its scope
 *    is looked up once per resource by discovery). A full resource name with a name or "" costs no round trip.
 *    kcr_client_delete_collection of a namespaced resource with NULL is ARGUMENT. A body's metadata.namespace fills in for NULL;
 *    a body that disagrees with `ns` or `name` is ARGUMENT; one without apiVersion or kind gets the resource's (the kind by
 *    discovery, once), since servers refuse custom resources without them.
 *
 * 6. Threads. In thread mode a client, its watches and its informers may be used from any number of threads at once. In external
 *    mode a client and its handles must not be inside two calls at the same moment (the second gets STATE; any thread may make
 *    the next one), except stop, cancel, object, list and error functions and informer reads; _free from a second thread is
 *    legal and takes effect when the first leaves. Objects, lists, errors and configs are immutable: any thread, always. Where a
 *    function's comment says nothing of threads, this rule is all there is to say.
 *
 * 7. Callbacks are function + `void *user_data` + `void (*user_data_free)(void *)`; the last (may be NULL) runs exactly once,
 *    after the last call, on every path, also when starting failed. Calls of one handler, watch or call never overlap and keep
 *    their order. No lock of ours is held: every function may be called, _free of the very thing included. A callback must not
 *    unwind through us (C++ exception, longjmp): that is undefined.
 *
 * 8. Ending. _stop and _cancel: any thread, idempotent, never wait. _free ends the thing too, except a call: kcr_call_free only
 *    gives up the handle. Called outside callbacks of that client, _free returns after the last callback and after
 *    user_data_free; inside one it never waits, and both follow later. Every watch gets one KCR_EVENT_END, every handler one
 *    KCR_EVENT_END, every call one callback, whatever ended it. A stopped informer stays readable; starting it again is STATE.
 *    kcr_client_free drops the caller's reference: in thread mode watches, informers and calls whose handles are still held
 *    live on; in external mode everything of the client ends and the final callbacks run.
 *
 * 9. The process is yours. After fork every call on a parent's client, watch, call, informer or handler fails with STATE in the
 *    child (objects, lists, errors and configs stay readable), freeing there is safe, and a new client works. SIGPIPE is never
 *    raised, no signal handler is installed, our threads block all signals, descriptors are close-on-exec. Leaving main while a
 *    client runs is safe (one atexit hook keeps our loops out of curl and OpenSSL from then on; it waits at most 1 s and runs no
 *    callback). dlclose does nothing.
 *
 * All functions are there since 0.1.0 (KCR_ABI 0) unless they say otherwise. */
#ifndef KUBECR_H
#define KUBECR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ABI this header was written for; kcr_abi() is that of the loaded library, and the number in its soname. */
#define KCR_ABI 0

/* A length that means: take strlen. */
#define KCR_AUTO_LEN ((size_t)-1)

/* ---- Types ------------------------------------------------------------------------------------------------------------- */

typedef struct kcr_error kcr_error;       /* immutable, reference counted */
typedef struct kcr_object kcr_object;     /* immutable, reference counted */
typedef struct kcr_list kcr_list;         /* immutable, reference counted */
typedef struct kcr_config kcr_config;     /* immutable */
typedef struct kcr_client kcr_client;
typedef struct kcr_call kcr_call;
typedef struct kcr_watch kcr_watch;
typedef struct kcr_informer kcr_informer;
typedef struct kcr_handler kcr_handler;

/* How a call ended. What the server answers is classified by this table; a reason that is known outranks the number.
 *
 *   HTTP           reason                                         code
 *   400, other 4xx BadRequest                                     KCR_ERR_BAD_REQUEST
 *   405            MethodNotAllowed                               KCR_ERR_BAD_REQUEST
 *   406            NotAcceptable                                  KCR_ERR_BAD_REQUEST
 *   413            RequestEntityTooLarge                          KCR_ERR_BAD_REQUEST
 *   415            UnsupportedMediaType                           KCR_ERR_BAD_REQUEST
 *   401            Unauthorized                                   KCR_ERR_UNAUTHORIZED
 *   403            Forbidden                                      KCR_ERR_FORBIDDEN
 *   404            NotFound                                       KCR_ERR_NOT_FOUND
 *   407            none (a proxy says it)                         KCR_ERR_PROXY
 *   409            AlreadyExists                                  KCR_ERR_ALREADY_EXISTS
 *   409            Conflict, none                                 KCR_ERR_CONFLICT
 *   410            Gone, Expired                                  KCR_ERR_GONE
 *   422            Invalid                                        KCR_ERR_INVALID
 *   429            TooManyRequests                                KCR_ERR_TOO_MANY_REQUESTS
 *   503            ServiceUnavailable                             KCR_ERR_UNAVAILABLE
 *   504            Timeout, ServerTimeout (also with 500)         KCR_ERR_UNAVAILABLE
 *   500, other 5xx InternalError, StorageReadError                KCR_ERR_SERVER
 *   3xx            a redirect, which is never followed            KCR_ERR_SERVER */
typedef int32_t kcr_status;
enum {
    KCR_OK = 0,

    /* Ours. */
    KCR_ERR_ARGUMENT = -1,     /* the call itself is wrong: NULL, bad text, unknown option */
    KCR_ERR_STATE = -2,        /* not now: stopped, in a forked child, two calls at once in external mode */
    KCR_ERR_CONFIG = -3,       /* kubeconfig, environment, certificates: names file, entry and field */
    KCR_ERR_AUTH = -4,         /* a credential can't be had: token file, plugin */
    KCR_ERR_TLS = -5,          /* the server's certificate or the handshake was refused */
    KCR_ERR_CONNECT = -6,      /* no connection, or it was lost */
    KCR_ERR_PROXY = -7,        /* the proxy refused or can't be reached */
    KCR_ERR_TIMEOUT = -8,      /* timeoutMs, connectTimeoutMs or idleMs has passed */
    KCR_ERR_CANCELLED = -9,    /* cancelled, stopped or freed before it was done */
    KCR_ERR_DECODE = -10,      /* the answer is not what it should be: JSON, UTF-8, depth, size, kind */
    KCR_ERR_TYPE = -11,        /* a JSON pointer leads to another type */
    KCR_ERR_UNSUPPORTED = -12, /* this version of the library can't do it, and says what */
    KCR_ERR_NO_MEMORY = -13,   /* memory, descriptors or threads have run out */
    KCR_ERR_INTERNAL = -14,    /* a fault of the library or of the system below it */

    /* The server's. */
    KCR_ERR_BAD_REQUEST = -101,
    KCR_ERR_UNAUTHORIZED = -102,
    KCR_ERR_FORBIDDEN = -103,
    KCR_ERR_NOT_FOUND = -104, /* also: an absent cache key, an absent JSON pointer */
    KCR_ERR_ALREADY_EXISTS = -105,
    KCR_ERR_CONFLICT = -106,
    KCR_ERR_GONE = -107, /* a resourceVersion or page token that is too old */
    KCR_ERR_INVALID = -108,
    KCR_ERR_TOO_MANY_REQUESTS = -109,
    KCR_ERR_UNAVAILABLE = -110,
    KCR_ERR_SERVER = -111
};

/* What a watch or informer callback is told. */
enum {
    KCR_EVENT_ADDED = 1,
    KCR_EVENT_MODIFIED = 2,
    KCR_EVENT_DELETED = 3,
    KCR_EVENT_BOOKMARK = 4, /* watches: nothing changed up to this object's resourceVersion */
    KCR_EVENT_ERROR = 5,    /* watches: something failed, it will resume */
    KCR_EVENT_SYNCED = 6,   /* handlers: this handler has seen all that was there */
    KCR_EVENT_END = 7       /* the last call */
};

/* Flags of an informer's event; more may come, so test bits. */
enum {
    KCR_FLAG_INITIAL = 1, /* the object was there when the handler began */
    KCR_FLAG_RESYNC = 2,  /* told again by resyncMs, nothing changed */
    KCR_FLAG_STALE = 4    /* the deletion was missed: the object's final state is unknown, this is the last one known */
};

/* What a watch callback returns. */
enum { KCR_CONTINUE = 0, KCR_STOP = 1 };

/* Patch types. Custom resources take JSON, MERGE and APPLY; STRATEGIC is for built-in kinds. */
enum { KCR_PATCH_JSON = 1, KCR_PATCH_MERGE = 2, KCR_PATCH_STRATEGIC = 3, KCR_PATCH_APPLY = 4 };

/* Log levels; each includes the ones before it. */
enum { KCR_LOG_ERROR = 1, KCR_LOG_WARN = 2, KCR_LOG_INFO = 3, KCR_LOG_DEBUG = 4 };

/* ---- Version ----------------------------------------------------------------------------------------------------------- */

/* The version of the loaded library, "0.1.0". Lives for ever. Any thread. */
const char *kcr_version(void);

/* KCR_ABI of the loaded library. Any thread. */
int32_t kcr_abi(void);

/* ---- Error ------------------------------------------------------------------------------------------------------------- */
/* Immutable. Any thread, always. NULL is "no error". */

/* The code that the failed call returned. */
kcr_status kcr_error_status(const kcr_error *self);

/* One line: what failed, where (file and field, or URL), and the server's own words. Never a secret. */
const char *kcr_error_message(const kcr_error *self);

/* The HTTP status of the answer; 0: there was none. */
int32_t kcr_error_http_status(const kcr_error *self);

/* The reason of the server's Status ("NotFound", "AlreadyExists", ...); "": none. */
const char *kcr_error_reason(const kcr_error *self);

/* The server's metav1.Status as it came; NULL: the answer had none. */
const char *kcr_error_status_json(const kcr_error *self, size_t *len);

/* How long the server asks to wait, in milliseconds; -1: it does not say. */
int64_t kcr_error_retry_after_ms(const kcr_error *self);

/* 1: repeating the call is safe and may help: nothing was executed, or it is a read, and the cause may pass. A read is get, list,
 * discover, and kcr_client_request with GET or HEAD.
 *
 *   what happened                                                                            read  write
 *   429                                                                                      1     1
 *   500 to 599 with a time to come back (Retry-After, retryAfterSeconds)                     1     1
 *   500 to 599 with the reason ServiceUnavailable                                            1     1
 *   500, 502, 503, 504 otherwise: a write may have been executed                             1     0
 *   any other answer                                                                         0     0
 *   CONNECT: refused, no name, no route, lost before the request was sent, or the
 *     server has said that it did not begin with it (GOAWAY)                                 1     1
 *   CONNECT: lost later; TIMEOUT otherwise                                                   1     0
 *   PROXY, and TIMEOUT by connectTimeoutMs, before the request was sent                      1     1
 *   AUTH: a plugin failed in a way that may pass                                             1     1
 *   anything else                                                                            0     0
 *
 * The library has repeated what it may by then: an answer 429 or 5xx with Retry-After, a GET or HEAD whose connection was lost,
 * and any request that the server did not begin with, "maxRetries" times and within "timeoutMs". */
int32_t kcr_error_is_retryable(const kcr_error *self);

/* Another reference to the same error; kcr_error_free. */
kcr_error *kcr_error_retain(const kcr_error *self);

void kcr_error_free(kcr_error *self);

/* "NOT_FOUND" for KCR_ERR_NOT_FOUND, "OK" for KCR_OK, "UNKNOWN" for what is no code. Lives for ever. */
const char *kcr_status_name(kcr_status status);

/* ---- Log --------------------------------------------------------------------------------------------------------------- */

/* `message` is one line without a line break: never a token, a key or an Authorization header. Calls of one callback never
 * overlap; they come from any thread. It calls no kcr_ function. */
typedef void (*kcr_log_fn)(int32_t level, const char *message, void *user_data);

/* Sends the log of the whole process to `fn`: messages up to `level` (KCR_LOG_ERROR ... KCR_LOG_DEBUG). The library is silent
 * until this is called; fn NULL makes it silent again. Returns when the previous callback is not being called any more and
 * its user_data is freed. Any thread. */
void kcr_log_set(int32_t level, kcr_log_fn fn, void *user_data, void (*user_data_free)(void *));

/* ---- Text -------------------------------------------------------------------------------------------------------------- */

/* `text` as a JSON string with its quotes, for building options. Owned: kcr_string_free. NULL for NULL and for invalid UTF-8. */
char *kcr_json_quote(const char *text, size_t text_len);

/* Frees what the library has given as char *. */
void kcr_string_free(char *string);

/* ---- Object ------------------------------------------------------------------------------------------------------------ */
/* One immutable JSON document, usually a Kubernetes object. Its bytes are as the server sent them, integers beyond 2^53
 * included (in informers without metadata.managedFields unless "keepManagedFields", and with the fields of "keep" alone when that is
 * set). Any thread, always. */

/* A document of your own. DECODE: not exactly one valid JSON value (syntax, UTF-8, nesting of at most 512). */
kcr_status kcr_object_from_json(const char *json, size_t json_len, kcr_object **out, kcr_error **error);

/* Another reference to the same object; kcr_object_free. */
kcr_object *kcr_object_retain(const kcr_object *self);

/* The whole document. */
const char *kcr_object_json(const kcr_object *self, size_t *len);

/* "namespace/name", or "name" for an object without a namespace: its key in an informer. */
const char *kcr_object_key(const kcr_object *self);

const char *kcr_object_name(const kcr_object *self);
const char *kcr_object_namespace(const kcr_object *self); /* "": none */
const char *kcr_object_uid(const kcr_object *self);
const char *kcr_object_resource_version(const kcr_object *self); /* opaque: compare only for equality */

/* 1: fields were left out on purpose, so it must not be written back. */
int32_t kcr_object_is_partial(const kcr_object *self);

/* One value, found by RFC 6901 pointer: "/spec/replicas", "/metadata/labels/app.kubernetes.io~1name". Of equal keys the last
 * one counts. NOT_FOUND: nothing there. TYPE: another type is there. ARGUMENT: no pointer. */

/* A string without its quotes and escapes. TYPE also for one that holds a NUL. kcr_string_free. */
kcr_status kcr_object_get_string(const kcr_object *self, const char *pointer, char **out, kcr_error **error);

/* An integer that fits in 64 bits. */
kcr_status kcr_object_get_int(const kcr_object *self, const char *pointer, int64_t *out, kcr_error **error);

/* Any number. */
kcr_status kcr_object_get_double(const kcr_object *self, const char *pointer, double *out, kcr_error **error);

/* true is 1, false is 0. */
kcr_status kcr_object_get_bool(const kcr_object *self, const char *pointer, int32_t *out, kcr_error **error);

/* Any value as JSON text. kcr_string_free. */
kcr_status kcr_object_get_json(const kcr_object *self, const char *pointer, char **out, kcr_error **error);

/* Any value as JSON bytes inside the object: borrowed, without a NUL behind it, so `len` is required. NULL: absent. Allocates
 * nothing for the value. */
const char *kcr_object_slice(const kcr_object *self, const char *pointer, size_t *len);

void kcr_object_free(kcr_object *self);

/* ---- List -------------------------------------------------------------------------------------------------------------- */
/* An immutable page, a whole list, or a snapshot of a cache. Any thread, always. */

size_t kcr_list_count(const kcr_list *self);

/* Borrowed from the list; NULL past the end. */
const kcr_object *kcr_list_at(const kcr_list *self, size_t index);

/* The revision of the whole list: where a watch can begin. */
const char *kcr_list_resource_version(const kcr_list *self);

/* The token of the next page, for the option "continue"; "": complete. */
const char *kcr_list_continue(const kcr_list *self);

/* The objects of a manifest, in its order: YAML documents, or JSON values one behind the other; empty documents are skipped,
 * the items of a List (ProjectList, ...) stand for themselves. YAML 1.1 as kubectl reads it, with anchors and merge keys;
 * integers keep all their digits. Nothing is asked of a server. The list has no resourceVersion. DECODE, naming document, line
 * and what is wrong: syntax, duplicate keys, nesting deeper than 512, aliases that expand to more than 16 MiB, more than 16 MiB
 * of text, and a document that is no object with apiVersion, kind and metadata.name or generateName. */
kcr_status kcr_list_from_yaml(const char *yaml, size_t yaml_len, kcr_list **out, kcr_error **error);

/* Another reference to the same list; kcr_list_free. */
kcr_list *kcr_list_retain(const kcr_list *self);

void kcr_list_free(kcr_list *self);

/* ---- Config ------------------------------------------------------------------------------------------------------------ */
/* Who and where: resolved once, then immutable. Any thread, always. */

/* Reads files and environment. The order: option "kubeconfig" > $KUBECONFIG > in-cluster (when its environment and token file
 * are there) > ~/.kube/config. In a setuid process $KUBECONFIG is ignored.
 *
 *   option                       default   meaning
 *   source                       "auto"    as above; or "kubeconfig", "inCluster", "none" (only the options below)
 *   kubeconfig                             a path, or a list separated by ":"; every file must exist
 *   kubeconfigYAML                         the text itself
 *   context cluster user namespace server tlsServerName certificateAuthority certificateAuthorityData clientCertificate
 *   clientCertificateData clientKey clientKeyData insecureSkipTLSVerify token tokenFile username password as asUid asGroups
 *   asUserExtra proxyURL                   override what the files say, as kubectl's flags do: server clears tlsServerName; a CA
 *                                          or insecureSkipTLSVerify replaces all three; a file replaces data and data a file; a
 *                                          token replaces username and password, and they the token; any of these, or a client
 *                                          certificate, replaces a plugin
 *   exec                         "allow"   plugins: "allow", "deny", or a list of absolute paths that may run
 *   execTimeoutMs                60000     a plugin that takes longer is ended; at least 1
 *
 * asGroups is a list of strings, asUserExtra an object of such lists. In a setuid process plugins are never run, whatever the
 * option says. "" and an empty list are "not given".
 *
 * Every field of a kubeconfig is honoured or refused by name. UNSUPPORTED: auth-provider, interactiveMode Always (a plugin has
 * no standard input), plugins of client.authentication.k8s.io/v1alpha1, encrypted private keys, IPv6 zones. A credential
 * together with an http server is CONFIG: it would travel in the clear. Only the entries that are used are checked beyond
 * their types; a context's user that no file has connects anonymously.
 *
 * CONFIG: names file, entry and field. Reads files on the calling thread, opens no connection. */
kcr_status kcr_config_load(const char *options_json, kcr_config **out, kcr_error **error);

/* The effective values as JSON, secrets as "REDACTED". */
const char *kcr_config_json(const kcr_config *self, size_t *len);

/* The namespace that stands for NULL in calls on single objects. */
const char *kcr_config_namespace(const kcr_config *self);

void kcr_config_free(kcr_config *self);

/* ---- Client ------------------------------------------------------------------------------------------------------------ */
/* One server, one identity, one loop. The verbs block until their answer is there; kcr_client_call does not. Options that all
 * verbs take: "timeoutMs" (a whole call, discovery and retries included, the wait for the rate limit not; for lists it bounds
 * silence). After a time-out the call's connection is closed, unless other requests are on it. "pretty" is ARGUMENT.
 * Errors that all verbs share: STATE, AUTH, TLS, CONNECT, PROXY, TIMEOUT, CANCELLED, DECODE, and the server's.
 *
 * Credentials. A token file is read again each minute, the last good token serves when it can't be; one that was never readable
 * is AUTH. A 401 is given to the caller and drops what was read or asked for before the request, so that the next call uses a
 * new credential; informers and watches get there by their back-off.
 *
 * A plugin (exec in a kubeconfig) runs when a request needs a credential, never earlier: as a child of this process, without a
 * shell, followed on the client's loop (external mode: its end makes the descriptor readable). Requests wait for it, within
 * their timeoutMs; others go on. All clients of the process with the same plugin and cluster share one run and its answer, until
 * 10 s before its expirationTimestamp or until a 401. The plugin has the environment that the process had in kcr_client_new, its
 * configured variables and KUBERNETES_EXEC_INFO; an empty standard input and no terminal; no other open descriptor; no signal
 * blocked or ignored. It is killed, with its process group, after execTimeoutMs, beyond 1 MiB of standard output or standard
 * error, and with the client that runs it. Its standard error goes to the log line by line when it has ended (100 lines at most,
 * control characters and known secrets replaced), and so does installHint when it can't be started (ten times an hour at most).
 * What goes wrong with it is AUTH, names command and exit code and never its output (CONFIG: PATH leads to what the option exec
 * does not list); until a back-off is over (0.8 s, doubled up to 30 s, with up to as much jitter) calls fail with the same error
 * at once. Another client certificate in its answer closes the connections on the old one; streams on them are resumed. No
 * signal handler is installed and no other child is waited for; when the host reaps the plugin (SIGCHLD ignored, a wait for any
 * child), its exit code is unknown and a whole answer counts. */

/* Makes a client; `config` NULL is kcr_config_load(NULL), which is kept no longer than the call. Opens no connection.
 *
 *   option            default    meaning
 *   loop              "thread"   or "external": see section Loop
 *   callbackThreads   4          thread mode: how many callbacks may run at once (1 to 64); started on demand
 *   userAgent                    put in front of "kubecr/VERSION (OS/ARCH)"
 *   timeoutMs         60000      of calls
 *   connectTimeoutMs  10000      name lookup, TCP and TLS together
 *   idleMs            150000     a watch silent for so long is dead: its connection is shut down, it resumes; at least 1000
 *   qps, burst        50, 100    client-side rate limit; watches are exempt; qps 0: none
 *   maxRetries        10         of 429 and 5xx with Retry-After (60 s at most), of a GET or HEAD whose connection was lost, and of
 *                                requests that the server did not begin with (HTTP/2 GOAWAY)
 *   maxObjectBytes    33554432   a larger object or event is refused (DECODE)
 *   http2             true       over TLS, if the server wants it
 *
 * TLS 1.2 or newer. A CA in the config replaces the system's; without one the system's bundle counts, or SSL_CERT_FILE and
 * SSL_CERT_DIR. CA, client certificate and key that are files are looked at again when a request starts (at most once a
 * second) and every 5 minutes: new connections use what is new, watches move to them, older ones are closed once their requests
 * have ended. A broken file or half a pair is a warning in the log, and what was read before stays in use.
 *
 * Proxies: proxy-url, else HTTPS_PROXY or HTTP_PROXY by the server's scheme (upper case first) for servers that are not this
 * machine and that NO_PROXY does not name, by the rules of Go's httpproxy: names, suffixes, addresses, networks, each with
 * a port if need be. ALL_PROXY is not read; in a CGI program HTTP_PROXY is CONFIG. http, https and socks5 (it resolves the
 * names). A proxy sees no token and no client certificate of ours; an https proxy is verified by the system's authorities and by
 * the config's, unless insecureSkipTLSVerify is set. What the proxy fails at is PROXY. Redirects are never followed.
 *
 * DISABLE_HTTP2, with any value, is "http2": false. The variables are read when the client is made; a setuid process ignores them.
 *
 * ARGUMENT, CONFIG, NO_MEMORY; INTERNAL when no thread or descriptor is to be had. */
kcr_status kcr_client_new(const kcr_config *config, const char *options_json, kcr_client **out, kcr_error **error);

/* One object. Options: resourceVersion, metadataOnly. A subresource is part of the resource ("v1/pods/status").
 *
 * "metadataOnly": true, here and in kcr_client_list, asks for the metadata alone (PartialObjectMetadata, servers since 1.15):
 * kcr_object_is_partial is 1 for what comes. A server that can't is BAD_REQUEST (406); whole objects in its answer are DECODE. */
kcr_status kcr_client_get(const kcr_client *self, const char *resource, const char *ns, const char *name, const char *options_json,
                          kcr_object **out, kcr_error **error);

/* All objects: pages of 500, put together, at the revision of the first; an expired token is one full list. One page with "limit"
 * or "continue", and then an expired token is GONE; "limit" 0 asks for all in one page. Options: labelSelector, fieldSelector,
 * shardSelector, limit, continue, resourceVersion, resourceVersionMatch, timeoutSeconds, metadataOnly. A list is given whole or not
 * at all. */
kcr_status kcr_client_list(const kcr_client *self, const char *resource, const char *ns, const char *options_json, kcr_list **out,
                           kcr_error **error);

/* Creates the object `json`. `name` is NULL but for subresources such as "v1/serviceaccounts/token". Options: dryRun,
 * fieldManager, fieldValidation. `out` (may be NULL) is what the server made of it. */
kcr_status kcr_client_create(const kcr_client *self, const char *resource, const char *ns, const char *name, const char *json,
                             size_t json_len, const char *options_json, kcr_object **out, kcr_error **error);

/* Replaces an object; `name` NULL takes the body's. A metadata.resourceVersion in the body that is not the current one is
 * CONFLICT: get it anew, change it, try again (client-go does so five times, 10 ms apart; examples/c/04_change.c). Options and
 * `out` as with create. */
kcr_status kcr_client_replace(const kcr_client *self, const char *resource, const char *ns, const char *name, const char *json,
                              size_t json_len, const char *options_json, kcr_object **out, kcr_error **error);

/* Patches an object. `patch_type` is one of KCR_PATCH_*; KCR_PATCH_APPLY is server-side apply of one object, needs the option
 * fieldManager, and may be YAML. Options: dryRun, fieldManager, fieldValidation, force. `out` may be NULL. */
kcr_status kcr_client_patch(const kcr_client *self, const char *resource, const char *ns, const char *name, int32_t patch_type,
                            const char *patch, size_t patch_len, const char *options_json, kcr_object **out, kcr_error **error);

/* Server-side apply of a whole manifest (kcr_list_from_yaml), kinds resolved by discovery. `out` (may be NULL) is what the server
 * made of each object, in the manifest's order.
 *
 *   option                       default   meaning
 *   fieldManager                 "kubecr"
 *   force                        false     takes fields over that another manager owns
 *   dryRun                                 "All": nothing is kept
 *   fieldValidation                        "Strict", "Warn" or "Ignore"
 *   namespace                    config's  for namespaced objects that name none
 *   timeoutMs                              the whole apply; without it each request, and each wait for a CRD, has the client's
 *
 * Everything is checked first: of a manifest that is bad (ARGUMENT) or holds a kind that the server does not know and no CRD of
 * the manifest brings (NOT_FOUND), nothing is sent. Then Namespaces and CRDs are applied; each CRD is waited for until it is
 * established (CONFLICT: its names are taken); then the rest, one after the other. It stops at the first failure. The error
 * names the document, the object and what was applied before, and is the server's otherwise: CONFLICT with the managers that own
 * the fields, for one. Applying the same manifest again is safe, also after CANCELLED and TIMEOUT. */
kcr_status kcr_client_apply(const kcr_client *self, const char *manifest, size_t manifest_len, const char *options_json,
                            kcr_list **out, kcr_error **error);

/* Deletes an object. Options: dryRun, gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions {uid,
 * resourceVersion}, ignoreStoreReadErrorWithClusterBreakingPotential. With finalizers it is gone only later. */
kcr_status kcr_client_delete(const kcr_client *self, const char *resource, const char *ns, const char *name,
                             const char *options_json, kcr_error **error);

/* Deletes all objects that match. Options: those of delete, and labelSelector, fieldSelector, shardSelector, limit, continue,
 * resourceVersion, resourceVersionMatch, timeoutSeconds. */
kcr_status kcr_client_delete_collection(const kcr_client *self, const char *resource, const char *ns, const char *options_json,
                                        kcr_error **error);

/* Any endpoint, any content (logs, /metrics), any method of letters, HEAD included. `path` begins with "/" and is
 * percent-encoded, a query may follow; it goes out as it is. `body` is any bytes. Options: contentType ("application/json"),
 * accept, query {key: text or array of texts}, headers {name: text}: not those that are the library's own (Authorization, Host,
 * Content-Length, Accept-Encoding, Connection and their like). UNSUPPORTED: Upgrade, so exec, attach and port-forward. `out`
 * (owned, kcr_string_free; "" for an empty answer), `out_len` and `http_status` may be NULL. Anything but 2xx is an error. The
 * answer is held whole, up to maxObjectBytes. */
kcr_status kcr_client_request(const kcr_client *self, const char *method, const char *path, const char *body, size_t body_len,
                              const char *options_json, char **out, size_t *out_len, int32_t *http_status, kcr_error **error);

/* What the server says of a resource: {"resource","kind","group","version","namespaced","verbs","shortNames","subresources"}.
 * Names are kubectl's: plural and singular go before short names, those before kinds, the server's first group and its preferred
 * version before others. It takes two requests (aggregated discovery), or one for each version of each group (servers before
 * 1.26), and is remembered for 10 minutes. What is not found is looked for once more, so a CRD made a second ago is found (at
 * most 5 times at once, then once a second). NOT_FOUND; where a group could not be read and might have it, the error that
 * group gave, naming it. */
kcr_status kcr_client_discover(const kcr_client *self, const char *resource, kcr_object **out, kcr_error **error);

/* Counters since the client was made, as one object; more members may be added.
 *
 *   calls              kcr_client_call and the verbs that block
 *   failed, failures   calls that ended with an error; the same by name {"NOT_FOUND": 2, "CANCELLED": 1}
 *   requests           HTTP requests: pages, discovery, watches and those that were repeated included
 *   http2Requests      answered over HTTP/2
 *   retries            requests that were repeated
 *   throttled, throttledMs   requests that waited for the rate limit (qps, burst), and how long together
 *   warnings           different texts of Warning headers; each goes to the log once (KCR_LOG_WARN)
 *   watches            watch requests, resumed ones included
 *   running            calls, watches and informers under way
 *   transfers          requests under way
 *   connections        connections made
 *   openConnections    connections that are open
 *   bytesReceived, bytesSent   of headers and bodies, bodies as they are after decompression; sent ones when their request is over
 *   certificateExpiry  when the client certificate that new connections show ends ("2027-01-31T12:00:00Z"); absent without one */
kcr_status kcr_client_stats(const kcr_client *self, kcr_object **out, kcr_error **error);

/* Rule 8. In external mode it may wait up to one second for the answers of writes that are under way. */
void kcr_client_free(kcr_client *self);

/* ---- Call -------------------------------------------------------------------------------------------------------------- */

/* Exactly once. On success `object` or `list` is set where the verb has one, `error` is NULL; on failure only `error` is. */
typedef void (*kcr_call_fn)(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data);

/* Any verb without blocking. `request_json` is {"verb", "resource", "namespace", "name", "options", "body", "patchType"}:
 *
 *   verb       get list create replace patch apply delete deleteCollection discover request
 *   body       an object, or a string that is sent as it is; of apply the manifest, and the result is a list
 *   patchType  json merge strategic apply
 *   request    with "method", "path" and the options of kcr_client_request; a JSON answer arrives as object, any other content
 *              is TYPE; with "answer": "base64" any content arrives as {"httpStatus", "base64"}
 *
 * What is wrong with the request itself fails at once, and then `fn` is not called. `out` may be NULL. */
kcr_status kcr_client_call(const kcr_client *self, const char *request_json, kcr_call_fn fn, void *user_data,
                           void (*user_data_free)(void *), kcr_call **out, kcr_error **error);

/* The callback follows with CANCELLED unless it came before. A write may have been executed all the same. Any thread, never
 * waits. */
void kcr_call_cancel(kcr_call *self);

/* Gives up the handle; the call goes on. Any thread. */
void kcr_call_free(kcr_call *self);

/* ---- Watch ------------------------------------------------------------------------------------------------------------- */

/* One event. `object` is set for ADDED, MODIFIED, DELETED (the last state) and BOOKMARK; `error` for ERROR, and for an END that
 * was not wanted. Returns KCR_CONTINUE or KCR_STOP. */
typedef int32_t (*kcr_watch_fn)(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data);

/* Raw events of a resource, resumed over disconnects from the last resourceVersion. Without the option resourceVersion it
 * lists, gives ADDED for each object and one BOOKMARK, then watches from there, so that a disconnect loses no delete.
 *
 *   option                       default   meaning
 *   labelSelector fieldSelector shardSelector
 *   resourceVersion                        where to begin: kcr_list_resource_version
 *   timeoutMs                    none      ends the watch, with END and no error
 *   timeoutSeconds               random    of one request, 300 to 600 unless set
 *   maxQueued                    1000      undelivered events (or 32 MiB) at which reading pauses
 *
 * A first request answered 4xx (other than 410 and 429) ends the watch with that error; after it has once worked, 401, 403 and
 * 404 are ERROR events and it is retried with back-off. A version that is too old to resume ends it with GONE: list, then
 * watch again, or use an informer, which does that by itself.
 *
 * To wait for a state of one object (a condition, a field, its deletion), watch it by the fieldSelector "metadata.name=NAME" and
 * judge each event; if the first BOOKMARK comes before any object, there is none. examples/c/08_wait.c does it in full. */
kcr_status kcr_client_watch(const kcr_client *self, const char *resource, const char *ns, const char *options_json, kcr_watch_fn fn,
                            void *user_data, void (*user_data_free)(void *), kcr_watch **out, kcr_error **error);

/* Ends it; what is queued is dropped, END follows. Any thread, never waits. */
void kcr_watch_stop(kcr_watch *self);

void kcr_watch_free(kcr_watch *self);

/* ---- Informer ---------------------------------------------------------------------------------------------------------- */
/* A local copy of a resource that always converges to the server's state: over disconnects, restarts, compactions (410) and
 * a CRD that comes and goes. Reads never ask the server, and see one consistent state each. */

/* Makes an informer; nothing is asked before kcr_informer_start.
 *
 *   option                       default   meaning
 *   labelSelector fieldSelector shardSelector
 *   initialList                  "newest"  "any": resourceVersion 0, from the server's cache, for herds
 *   maxQueued                    1000      undelivered events of a handler at which pending ones of one object are merged
 *   resyncMs                     0, never  tells every object again (KCR_FLAG_RESYNC), without a request; at least 1000
 *   pageSize                     500
 *   keepManagedFields            false
 *   metadataOnly                 false     only the metadata is asked for and kept; kcr_object_is_partial is 1
 *   keep                         all       JSON pointers: of each object only what they lead to is stored, and apiVersion, kind,
 *                                          metadata's name, namespace, uid, resourceVersion and labels (kcr_object_is_partial). A
 *                                          pointer that leads into an array keeps the whole array
 *   indexes                      none      {"NAME": "JSON POINTER", ...}, for kcr_informer_list. An object stands under the string
 *                                          at the pointer, under a number or boolean as it is written, under each such element of an
 *                                          array, and under nothing where null, an object or no value is */
kcr_status kcr_informer_new(const kcr_client *client, const char *resource, const char *ns, const char *options_json,
                            kcr_informer **out, kcr_error **error);

/* One change, told after the cache holds it. `object` is the new state, or the last one for DELETED; `old` the state before, for
 * MODIFIED; both NULL for SYNCED and END. `flags`: KCR_FLAG_*. */
typedef void (*kcr_informer_fn)(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data);

/* Adds a handler, before or after the start. One that is added late first gets ADDED for all that is there, then SYNCED, then
 * what changes: no gap, no duplicate. A slow handler delays nobody. `out` may be NULL: it then lives as long as the informer.
 * STATE: stopped. */
kcr_status kcr_informer_add_handler(kcr_informer *self, kcr_informer_fn fn, void *user_data, void (*user_data_free)(void *),
                                    kcr_handler **out, kcr_error **error);

/* Removes the handler (rule 8): what it still had to hear is dropped, END follows. */
void kcr_handler_free(kcr_handler *self);

/* Starts it. Lists are the begin of a stream where the server has that (KEP 3157), else requests. It never gives up: what fails is tried again with back-off (0.8 s doubled up to 30 s, with jitter). STATE: started
 * or stopped before. */
kcr_status kcr_informer_start(kcr_informer *self, kcr_error **error);

/* Blocks until the cache is complete; handlers may still be hearing of it (KCR_EVENT_SYNCED). `timeout_ms` -1: no limit. On
 * time-out the status and message of the last failure (FORBIDDEN, TLS, ...) if there was one, else TIMEOUT. CANCELLED: stopped.
 * STATE: not started in external mode, where nobody else could start it meanwhile. */
kcr_status kcr_informer_wait_synced(const kcr_informer *self, int64_t timeout_ms, kcr_error **error);

/* 1: the cache is complete. Never 0 again. Any thread. */
int32_t kcr_informer_has_synced(const kcr_informer *self);

/* The object of a key (kcr_object_key). NOT_FOUND: not in the cache. Any thread. */
kcr_status kcr_informer_get(const kcr_informer *self, const char *key, kcr_object **out, kcr_error **error);

/* A snapshot, in no order. Options, all of which must hold: namespace ("": objects without one), labelSelector (as servers read
 * it), index with value (a name of the option "indexes", and what stands there: costs what it finds, not what is stored). The
 * list's resourceVersion is that of the cache. ARGUMENT: no such index. Any thread. */
kcr_status kcr_informer_list(const kcr_informer *self, const char *options_json, kcr_list **out, kcr_error **error);

/* How many objects are in the cache. Any thread. */
size_t kcr_informer_count(const kcr_informer *self);

/* Milliseconds since the server was last heard, bookmarks included (about one a minute); -1 before the first time. Any thread. */
int64_t kcr_informer_staleness_ms(const kcr_informer *self);

/* Owned: kcr_error_free. NULL: nothing has failed since the last success. Any thread. */
kcr_error *kcr_informer_last_error(const kcr_informer *self);

/* objects, bytes, resourceVersion, synced, lists, watches, events, errors, silences, handlers, queued, coalesced, stalenessMs.
 * A list that is the begin of a stream counts as a list and a watch. More may be added. Any thread. */
kcr_status kcr_informer_stats(const kcr_informer *self, kcr_object **out, kcr_error **error);

/* Ends it: handlers get END, the cache stays readable. Any thread, never waits. */
void kcr_informer_stop(kcr_informer *self);

void kcr_informer_free(kcr_informer *self);

/* ---- Loop -------------------------------------------------------------------------------------------------------------- */
/* Only for clients made with {"loop": "external"}: the library then has no thread of its own, except short-lived name-resolver
 * threads inside a libcurl built without c-ares. Callbacks run inside kcr_client_process, final ones also inside _free. Blocking
 * verbs drive the transfers themselves but leave callbacks to the next kcr_client_process (the descriptor stays readable), so a
 * caller that holds its own lock never meets its callbacks in a blocking call. */

/* Poll it for POLLIN. Timers are inside, so the descriptor alone is enough. It belongs to the client: never close it. -1 in
 * thread mode, and where STATE is meant. */
int kcr_client_fd(const kcr_client *self);

/* How long to wait at most, in milliseconds; -1: no limit (also in thread mode, and where STATE is meant). For loops that want
 * it. */
int64_t kcr_client_timeout_ms(const kcr_client *self);

/* Does what can be done now, runs the callbacks, and never blocks. STATE: thread mode, or another thread is inside a call. */
kcr_status kcr_client_process(kcr_client *self, kcr_error **error);

#ifdef __cplusplus
}
#endif

#endif
