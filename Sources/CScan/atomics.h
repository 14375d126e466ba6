/* The three atomic operations that pure Swift code here needs and the standard library has only with a run-time cost:
 * publish a pointer once, read a flag, count. Everything is static inline. */
#ifndef KUBECR_ATOMICS_H
#define KUBECR_ATOMICS_H
#include <stddef.h>
#include <stdint.h>

/* The pointer at `slot`, with everything written before it was published. */
static inline void *_Nullable kcr_atomic_load(void *_Nullable *_Nonnull slot) {
    return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

/* Publishes `value` if `slot` is still NULL. Returns what is in `slot` afterwards. */
static inline void *_Nonnull kcr_atomic_publish(void *_Nullable *_Nonnull slot, void *_Nonnull value) {
    void *expected = NULL;
    if (__atomic_compare_exchange_n(slot, &expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return value;
    return expected;
}

static inline int64_t kcr_atomic_load64(int64_t *_Nonnull slot) { return __atomic_load_n(slot, __ATOMIC_ACQUIRE); }
static inline void kcr_atomic_store64(int64_t *_Nonnull slot, int64_t value) { __atomic_store_n(slot, value, __ATOMIC_RELEASE); }
static inline int64_t kcr_atomic_add64(int64_t *_Nonnull slot, int64_t value) { return __atomic_add_fetch(slot, value, __ATOMIC_ACQ_REL); }

#endif
