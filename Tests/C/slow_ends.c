/* Preloaded: what a library does when a thread ends (the destructors of pthread keys) begins $SLOW_ENDS microseconds late, so that it
 * meets what is done when the process leaves. exit.sh uses it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

typedef int (*key_create)(pthread_key_t *, void (*)(void *));
enum { MOST = 8 };
static void (*destructors[MOST])(void *);
static int count;

static void late(int number, void *value) {
    const char *wait = getenv("SLOW_ENDS");
    usleep(wait ? (useconds_t)atoi(wait) : 0);
    destructors[number](value);
}

#define LATE(number) \
    static void late_##number(void *value) { late(number, value); }
LATE(0) LATE(1) LATE(2) LATE(3) LATE(4) LATE(5) LATE(6) LATE(7)
static void (*const stand_ins[MOST])(void *) = {late_0, late_1, late_2, late_3, late_4, late_5, late_6, late_7};

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    key_create real;
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_key_create");
    if (destructor && count < MOST) {
        destructors[count] = destructor;
        destructor = stand_ins[count++];
    }
    return real(key, destructor);
}
