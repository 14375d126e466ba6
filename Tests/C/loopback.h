/* An HTTP server of some 150 lines for the C tests that need no real one: a process of its own on the loopback, whose answers
 * depend on the namespace in the path. It knows just enough of Kubernetes to be listed and watched.
 *
 *   calm     three Projects; a watch stays open and silent       silent   never a byte
 *   busy     as calm; a watch brings a change every millisecond  cut      closes as soon as it was asked
 *   once     as calm, every connection serves one request        noise    answers what is not HTTP
 *   brief    as calm; a watch brings one change and ends         mirror   the request itself, as a Project's "head"
 *   large    one Project of some 200 KB                          drip     as calm, a byte every millisecond or so
 *   echo     the body of the request, whatever it is             warn     as calm, with a Warning header
 *   answer   the name says what: CODE_RETRYAFTER_SIZE, and no Retry-After when that is negative; a Status up to 100 bytes' size */
#ifndef KUBECR_TESTS_LOOPBACK_H
#define KUBECR_TESTS_LOOPBACK_H

#include "cluster.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__SANITIZE_THREAD__)
#define SANITIZED 2
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANITIZED 2
#elif __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Whether a sanitizer looks on, and whether it is ThreadSanitizer. */
#ifdef SANITIZED
static const bool is_sanitized MAYBE_UNUSED = true;
#else
static const bool is_sanitized MAYBE_UNUSED = false;
#endif
#if defined(SANITIZED) && SANITIZED == 2
static const bool is_thread_sanitized MAYBE_UNUSED = true;
#else
static const bool is_thread_sanitized MAYBE_UNUSED = false;
#endif

/* Whether valgrind does. It counts what a child of many threads leaves behind as leaks of that child's. */
MAYBE_UNUSED static bool is_under_valgrind(void) {
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded && strstr(preloaded, "vgpreload");
}

static pid_t loopback_pid MAYBE_UNUSED;
static int loopback_port MAYBE_UNUSED;

static void loopback_send(int fd, const char *text, size_t length) {
    for (ssize_t sent; length > 0; text += sent, length -= (size_t)sent) {
        sent = send(fd, text, length, MSG_NOSIGNAL);
        if (sent <= 0) return;
    }
}

static void loopback_answer(int fd, const char *ns, const char *body, size_t length) {
    char head[160];
    bool drip = !strcmp(ns, "drip");
    int count = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s%s\r\n", length,
                         strcmp(ns, "once") ? "" : "Connection: close\r\n", strcmp(ns, "warn") ? "" : "Warning: 299 - \"old\", 299 - \"odd \x1b[31m\"\r\n");
    loopback_send(fd, head, (size_t)count);
    for (size_t at = 0; drip && at < length; at++) loopback_send(fd, body + at, 1), pause_ms(1);
    if (!drip) loopback_send(fd, body, length);
}

static size_t loopback_project(char *out, size_t size, const char *ns, const char *name, long version, size_t padding) {
    int count = snprintf(out, size, "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\","
                         "\"namespace\":\"%s\",\"uid\":\"u-%s\",\"resourceVersion\":\"%ld\"},\"spec\":{\"replicas\":%ld,\"pad\":\"", name, ns, name, version, version);
    size_t at = (size_t)count;
    for (size_t i = 0; i < padding && at + 4 < size; i++) out[at++] = 'x';
    return at + (size_t)snprintf(out + at, size - at, "\"}}");
}

/* False: the other side is gone. */
static bool loopback_event(int fd, const char *ns, long version) {
    char event[700], chunk[800];
    size_t count = (size_t)snprintf(event, sizeof event, "{\"type\":\"MODIFIED\",\"object\":");
    count += loopback_project(event + count, sizeof event - count, ns, "p-1", version, 0);
    count += (size_t)snprintf(event + count, sizeof event - count, "}\n");
    int length = snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n", count, event);
    return send(fd, chunk, (size_t)length, MSG_NOSIGNAL) == length;
}

static void loopback_watch(int fd, const char *ns, long from) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    loopback_send(fd, head, sizeof head - 1);
    if (!strcmp(ns, "busy")) {
        while (loopback_event(fd, ns, ++from)) pause_ms(1);
    } else if (!strcmp(ns, "brief")) {
        loopback_event(fd, ns, from + 1);
        loopback_send(fd, "0\r\n\r\n", 5);
    } else {
        char byte;
        while (recv(fd, &byte, 1, 0) > 0) continue;
    }
}

static void loopback_list(int fd, const char *ns) {
    static const char *const names[] = {"p-1", "p-2", "p-3"};
    const size_t size = 400000;
    char *body = malloc(size);
    size_t at = (size_t)snprintf(body, size, "{\"kind\":\"ProjectList\",\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[");
    bool large = !strcmp(ns, "large");
    for (int i = 0; i < (large ? 1 : 3); i++) {
        if (i) body[at++] = ',';
        at += loopback_project(body + at, size - at, ns, names[i], 10, large ? 200000 : 0);
    }
    at += (size_t)snprintf(body + at, size - at, "]}");
    loopback_answer(fd, ns, body, at);
    free(body);
}

/* One object: a Project, or the head of the request in one. */
static void loopback_get(int fd, const char *ns, const char *name, const char *head) {
    const size_t size = 400000;
    char *body = malloc(size);
    size_t count = 0;
    if (!strcmp(ns, "mirror")) {
        char *quoted = kcr_json_quote(head, KCR_AUTO_LEN);
        count = (size_t)snprintf(body, size, "{\"metadata\":{\"name\":\"mirror\"},\"head\":%s}", quoted ? quoted : "null");
        kcr_string_free(quoted);
    } else {
        count = loopback_project(body, size, ns, name, 10, strcmp(ns, "large") ? 0 : 200000);
    }
    loopback_answer(fd, ns, body, count);
    free(body);
}

/* An answer as its name says: "503_1_40" is 503 with "Retry-After: 1" and a Status; "500_-1_300000" is so many letters. */
static void loopback_named(int fd, const char *name, bool has_body) {
    int code = 200, after = -1;
    long size = 0;
    char text[512], extra[64] = "";
    sscanf(name, "%d_%d_%ld", &code, &after, &size);
    if (after >= 0) snprintf(extra, sizeof extra, "Retry-After: %d\r\n", after);
    char status[160];
    int status_size = snprintf(status, sizeof status, "{\"kind\":\"Status\",\"message\":\"as asked: %d\",\"code\":%d}", code, code);
    if (size > 0 && size <= 100) size = status_size;
    int count = snprintf(text, sizeof text, "HTTP/1.1 %d As Asked\r\n%s", code, extra);
    if (code != 204) count += snprintf(text + count, sizeof text - (size_t)count, "Content-Length: %ld\r\n", size);
    count += snprintf(text + count, sizeof text - (size_t)count, "\r\n");
    loopback_send(fd, text, (size_t)count);
    if (!has_body || code == 204) return;
    if (size == status_size) loopback_send(fd, status, (size_t)size);
    memset(text, 'x', sizeof text);
    for (long sent = 0; size != status_size && sent < size; sent += (long)sizeof text) loopback_send(fd, text, (size_t)(size - sent < (long)sizeof text ? size - sent : (long)sizeof text));
}

/* Whether the connection is to be kept. */
static bool loopback_serve(int fd, char *head, const char *body, size_t length) {
    char ns[64] = "calm", name[64] = "", whole[16384];
    snprintf(whole, sizeof whole, "%s", head);
    char *line_end = strstr(head, "\r\n");
    if (line_end) *line_end = 0;
    char *namespaces = strstr(head, "/namespaces/"), *projects = strstr(head, "/projects/"), *from = strstr(head, "resourceVersion=");
    if (namespaces) sscanf(namespaces, "/namespaces/%63[^/? ]", ns);
    if (projects) sscanf(projects, "/projects/%63[^/? ]", name);
    if (!strcmp(ns, "silent")) {
        char byte;
        while (recv(fd, &byte, 1, 0) > 0) continue;
    } else if (!strcmp(ns, "echo")) {
        loopback_answer(fd, ns, body, length);
        return true;
    } else if (!strcmp(ns, "answer")) {
        loopback_named(fd, name, strncmp(head, "HEAD", 4));
        return true;
    } else if (!strcmp(ns, "noise")) {
        loopback_send(fd, "\x16\x03\x01 this is not HTTP\r\n\r\n", 24);
    } else if (strcmp(ns, "cut")) {
        if (strstr(head, "sendInitialEvents")) loopback_named(fd, "422_-1_1", true);
        else if (strstr(head, "watch=true")) loopback_watch(fd, ns, from ? atol(from + 16) : 10);
        else if (*name || !strcmp(ns, "mirror")) loopback_get(fd, ns, name, whole);
        else loopback_list(fd, ns);
        return strcmp(ns, "once") && (!strstr(head, "watch=true") || strstr(head, "sendInitialEvents"));
    }
    return false;
}

static void *loopback_connection(void *argument) {
    int fd = (int)(intptr_t)argument;
    char head[16384];
    size_t count = 0;
    for (ssize_t got; count + 1 < sizeof head && (got = recv(fd, head + count, 1, 0)) > 0;) {
        head[++count] = 0;
        if (count < 4 || memcmp(head + count - 4, "\r\n\r\n", 4)) continue;
        count = 0;
        const char *announced = strstr(head, "Content-Length: ");
        size_t length = announced ? (size_t)atol(announced + 16) : 0;
        char *body = malloc(length + 1);
        ssize_t have = length ? recv(fd, body, length, MSG_WAITALL) : 0;
        bool kept = have == (ssize_t)length && loopback_serve(fd, head, body, length);
        free(body);
        if (!kept) break;
    }
    close(fd);
    return NULL;
}

/* Starts the server; port 0: any. Call it before the first thread. It ends with the test program, or by loopback_kill. */
MAYBE_UNUSED static void loopback_start(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    REQUIRE(!bind(listener, (struct sockaddr *)&address, length) && !listen(listener, 512) &&
            !getsockname(listener, (struct sockaddr *)&address, &length), "a listening socket");
    loopback_port = ntohs(address.sin_port);
    fflush(NULL);
    loopback_pid = fork();
    REQUIRE(loopback_pid >= 0, "a process for the server");
    if (loopback_pid > 0) {
        close(listener);
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (pthread_create(&thread, &small, loopback_connection, (void *)(intptr_t)fd)) close(fd);
    }
}

MAYBE_UNUSED static void loopback_kill(void) {
    kill(loopback_pid, SIGKILL);
    waitpid(loopback_pid, NULL, 0);
}

/* A client of the server. */
MAYBE_UNUSED static kcr_client *loopback_client(const char *client_options) {
    char options[128];
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"http://127.0.0.1:%d\"}", loopback_port);
    return client_of(options, client_options);
}

/* What the process has open, and its threads. */
MAYBE_UNUSED static int entries(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    REQUIRE(folder, "reading %s", path);
    for (struct dirent *entry; (entry = readdir(folder));) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}
MAYBE_UNUSED static int descriptors(void) { return entries("/proc/self/fd"); }
MAYBE_UNUSED static int tasks(void) { return entries("/proc/self/task"); }

/* Asked by LeakSanitizer: a child leaves its parent's things as they are. */
static bool loopback_is_child;
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return loopback_is_child; }

/* Runs a test's body in a child process: 0 when all its checks held and it ended within the time, else it is said why. */
MAYBE_UNUSED static void in_a_process(void (*body)(void), int milliseconds) {
    fflush(NULL);
    int status = 0;
    pid_t child = fork();
    REQUIRE(child >= 0, "a child process");
    if (child == 0) {
        loopback_is_child = true;
        atomic_store(&check_failures, 0);
        body();
        exit(atomic_load(&check_failures) ? 1 : 0);
    }
    int64_t deadline = now_ms() + milliseconds * patience();
    pid_t ended = 0;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0 && now_ms() < deadline) pause_ms(2);
    if (ended == 0) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        CHECK(false, "the process hangs");
        return;
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the process ended with status %d, signal %d", WEXITSTATUS(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

#endif
