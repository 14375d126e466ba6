/* What the Swift run-time does not do for a forked child. One static inline function; nothing else of the run-time is known here. */
#ifndef KUBECR_RUNTIME_FORK_H
#define KUBECR_RUNTIME_FORK_H

/* The run-time's one-time initialisers are guarded by futexes that hold the owner's thread number, and each thread remembers its
 * number (lib/Threading of Swift 5.9 to 6.3). After fork that is the number of a thread of the parent's: as soon as two threads
 * of the child meet at such a lock, one spins and the other sleeps for ever (48 of 400 children that made clients in two threads).
 * Called in the child by the only thread there is: it asks for its number anew.
 *
 * The variable can be reached only where the run-time is linked statically, which is in a release build; a run-time that has
 * renamed it makes a library that does not load, so that nobody misses it. */
static inline void kcr_forget_thread_number(void) {
#ifdef KUBECR_STATIC_RUNTIME
    extern __thread int kcr_remembered_thread_number __asm__("_ZZN5swift14threading_impl5linux13ulock_get_tidEvE3tid");
    kcr_remembered_thread_number = 0;
#endif
}

#endif
