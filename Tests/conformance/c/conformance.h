/* What the cases of the C driver are written with: verbs that give answers, streams of events, and expectations. The case in
 * work owns all of it: what the functions below return is freed when the case ends, so cases free nothing. */
#ifndef KUBECR_CONFORMANCE_H
#define KUBECR_CONFORMANCE_H

#include <inttypes.h>
#include <kubecr.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A case: its name in cases.txt, and the function that plays it. A table ends with a NULL name. */
struct conformance_case {
    const char *name;
    void (*play)(void);
};
extern const struct conformance_case server_cases[], discovery_cases[], core_cases[], read_cases[], list_cases[], create_cases[], change_cases[],
    patch_cases[], subresource_cases[], delete_cases[], manifest_cases[], request_cases[], call_cases[], failure_cases[], watch_cases[], informer_cases[];

#define PROJECTS "example.sealyun.com/v1alpha1/projects"
#define MACHINES "infra.sealyun.com/v1/virtulmachines"
#define NS "default"

extern kcr_client *admin; /* the administrator's client */

/* ---- Expectations: the first that does not hold is why the case fails; the case goes on -------------------------------- */

__attribute__((format(printf, 2, 3))) bool expect(bool holds, const char *sentence, ...);
bool same(const char *got, const char *want, const char *what);

int64_t now_ms(void);
void pause_ms(int milliseconds);
int64_t patient(int64_t milliseconds); /* times PATIENCE */

/* EVENTUALLY(condition, milliseconds, sentence...): evaluates the condition until it holds. */
#define EVENTUALLY(condition, milliseconds, ...)                                                                                \
    do {                                                                                                                        \
        int64_t eventually_until = now_ms() + patient(milliseconds);                                                            \
        bool eventually_held;                                                                                                   \
        while (!(eventually_held = (condition)) && now_ms() < eventually_until) pause_ms(10);                                   \
        expect(eventually_held, __VA_ARGS__);                                                                                   \
    } while (0)

/* ---- Texts ------------------------------------------------------------------------------------------------------------- */

/* Formatted text; lives until this thread has asked for 32 more. */
__attribute__((format(printf, 1, 2))) const char *text(const char *format, ...);
const char *quoted(const char *plain); /* as a JSON string with its quotes; lives as long as the case */

const char *self(void);         /* "c-CASE": the label's value, and the name of object 0 */
const char *name(int number);   /* "c-CASE-NUMBER", or "c-CASE" for 0 */
const char *labelled(void);     /* the options {"labelSelector":"conformance=c-CASE"} */
const char *metadata(int number, const char *more); /* {"name":...,"labels":{...} MORE}, for bodies; `more` begins with "," or is "" */
const char *project(int number, int64_t replicas);  /* a Project's body */

/* ---- Verbs ------------------------------------------------------------------------------------------------------------- */

struct answer {
    kcr_status status;
    const kcr_object *object;
    const kcr_list *list;
    const kcr_error *error;
    const char *content; /* what `ask` was answered, */
    size_t length;       /* how long it is, */
    int32_t http;        /* and its HTTP status */
};

struct answer get(const kcr_client *client, const char *resource, const char *object_name);
struct answer get_with(const kcr_client *client, const char *resource, const char *ns, const char *object_name, const char *options);
struct answer list(const kcr_client *client, const char *resource, const char *options);
struct answer create(const kcr_client *client, const char *resource, const char *body, const char *options);
struct answer create_in(const kcr_client *client, const char *resource, const char *ns, const char *object_name, const char *body, const char *options);
struct answer replace(const char *resource, const char *object_name, const char *body);
struct answer replace_with(const char *resource, const char *ns, const char *object_name, const char *body, const char *options);
struct answer patch(const kcr_client *client, const char *resource, const char *object_name, int32_t type, const char *body, const char *options);
struct answer merge(const char *object_name, const char *body); /* a Project's merge patch */
struct answer delete(const char *object_name, const char *options); /* a Project */
struct answer delete_of(const char *resource, const char *object_name, const char *options);
struct answer delete_all(const char *resource, const char *options); /* the collection */
struct answer ask(const kcr_client *client, const char *method, const char *path, const char *body, const char *options); /* any request */
struct answer request(const kcr_client *client, const char *method, const char *path, const char *body); /* any, without options */
struct answer discover(const kcr_client *client, const char *resource);
struct answer apply_manifest(const char *manifest, const char *options);

/* Any verb through kcr_client_call; `request_json` is its request. The wait is for the callback. */
struct answer call(const kcr_client *client, const char *request_json);

const kcr_object *made(int number, int64_t replicas); /* creates a Project; it must work */
void set_replicas(int number, int64_t replicas);

bool works(struct answer answer, const char *what);
bool fails(struct answer answer, kcr_status status, int32_t http, const char *reason, const char *what); /* reason NULL: any */
bool fails_at(struct answer answer, const char *field, const char *what); /* INVALID, 422, and the field of the first cause */
bool says(struct answer answer, const char *words, const char *what);     /* the error's message holds the words */

const kcr_object *status_of(struct answer answer); /* the server's Status inside an error; NULL: none */

const char *text_at(const kcr_object *object, const char *pointer); /* "": nothing there */
int64_t int_at(const kcr_object *object, const char *pointer);      /* -1: nothing there */
bool has(const kcr_object *object, const char *pointer);
int64_t replicas_of(const kcr_object *object);
const char *names(const kcr_list *objects); /* numbers of the case's objects in the list's order: "1 2 3" */

/* A client of a kubeconfig, or of options of kcr_config_load and kcr_client_new; NULL (and a failure) if there is none. */
kcr_client *client_of(const char *config_options, const char *client_options);
kcr_client *client_of_file(const char *variable); /* the kubeconfig that an environment variable names */

/* ---- A CRD of the case: things.c-CASE.example.com, kind Thing, short name of its own -------------------------------------- */

#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

const char *group(void);                  /* "c-CASE.example.com" */
const char *things(const char *version);  /* "GROUP/VERSION/things" */
const char *crd(const char *versions);    /* its body: every one of the versions (separated by blanks) is served, the first stored */
bool make_crd(const char *versions);
bool make_thing(const char *version, int number); /* servers may answer 404 for a second after the CRD was made */
bool crd_is_gone(void);                   /* deletes it; whether it is gone */

/* ---- A server that accepts and never answers ------------------------------------------------------------------------------- */

int silent_server(int *port); /* -1: it can't be had */
bool has_caller(int listener);
void close_server(int listener);

/* ---- Log: what the library told since hear_log ------------------------------------------------------------------------------- */

void hear_log(int32_t level);
size_t log_lines(const char *words); /* how many lines hold them */
void stop_log(void);

/* ---- Streams: watches and handlers ------------------------------------------------------------------------------------- */

struct event {
    int32_t type, flags;
    char name[96];
    int64_t replicas, replicas_before; /* -1: none */
    kcr_status status;                 /* of the error that came with it */
    int32_t http;
    size_t big;  /* length of the annotation "big" */
    bool cached; /* informers: the cache held just this state when the handler was called */
};

struct stream {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct event events[512];
    size_t count;
    kcr_watch *watch;
    kcr_informer *informer;
    bool owns_informer;
    kcr_handler *handler;
};

struct stream *watch(const kcr_client *client, const char *resource, const char *options);
struct stream *watch_in(const kcr_client *client, const char *resource, const char *ns, const char *options);
struct stream *informer(const kcr_client *client, const char *resource, const char *ns, const char *options);
struct stream *late_handler(const struct stream *of); /* another handler of the same informer */
void start(const struct stream *stream, int64_t milliseconds); /* starts the informer and waits until it is synced */

/* How many events of a type came for an object ("": none, NULL: any); and the wait until there are so many. */
size_t heard(struct stream *stream, int32_t type, const char *object_name);
bool hears(struct stream *stream, int32_t type, const char *object_name, size_t times, int64_t milliseconds);
struct event last_event(struct stream *stream);

/* All that came but bookmarks, in words: "ADDED 1 r1 initial, SYNCED, MODIFIED 1 r1>r3, DELETED 1 r3, END": the numbers of the
 * case's objects and their replicas. */
const char *story(struct stream *stream);

#endif
