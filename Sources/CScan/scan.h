/* The 64-byte block masks of the JSON scanner: bit i of a mask says something of byte i of the block. Only that: what the
 * masks mean together (strings, escapes, depth, grammar) is decided in Swift. SSE2, NEON or plain C, all static inline.
 * The idea is simdjson's stage 1 (Langdale, Lemire: "Parsing Gigabytes of JSON per Second", 2019). */
#ifndef KUBECR_SCAN_H
#define KUBECR_SCAN_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct kcr_braces {
    uint64_t quote;     /* " */
    uint64_t backslash; /* \ */
    uint64_t open;      /* { [ */
    uint64_t close;     /* } ] */
} kcr_braces;

typedef struct kcr_tokens {
    uint64_t quote;
    uint64_t backslash;
    uint64_t op;      /* { } [ ] : , */
    uint64_t blank;   /* space, tab, CR, LF */
    uint64_t control; /* 0x00-0x1f */
    uint64_t high;    /* 0x80-0xff */
} kcr_tokens;

#if defined(__SSE2__)
#include <emmintrin.h>
#define KCR_LANES 4
typedef __m128i kcr_lane;
static inline kcr_lane kcr_load(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)(const void *)p); }
static inline uint64_t kcr_bits(kcr_lane v) { return (uint64_t)(uint32_t)_mm_movemask_epi8(v); }
static inline kcr_lane kcr_eq(kcr_lane v, char c) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); }
static inline kcr_lane kcr_or(kcr_lane a, kcr_lane b) { return _mm_or_si128(a, b); }
static inline kcr_lane kcr_fold(kcr_lane v) { return _mm_or_si128(v, _mm_set1_epi8(0x20)); }
static inline kcr_lane kcr_below_blank(kcr_lane v) { return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v); }
static inline kcr_lane kcr_top(kcr_lane v) { return v; } /* movemask takes the top bit itself */
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define KCR_LANES 4
typedef uint8x16_t kcr_lane;
static inline kcr_lane kcr_load(const uint8_t *p) { return vld1q_u8(p); }
static inline uint64_t kcr_bits(kcr_lane v) {
    static const uint8_t weight[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t w = vandq_u8(v, vld1q_u8(weight));
    return (uint64_t)vaddv_u8(vget_low_u8(w)) | (uint64_t)vaddv_u8(vget_high_u8(w)) << 8;
}
static inline kcr_lane kcr_eq(kcr_lane v, char c) { return vceqq_u8(v, vdupq_n_u8((uint8_t)c)); }
static inline kcr_lane kcr_or(kcr_lane a, kcr_lane b) { return vorrq_u8(a, b); }
static inline kcr_lane kcr_fold(kcr_lane v) { return vorrq_u8(v, vdupq_n_u8(0x20)); }
static inline kcr_lane kcr_below_blank(kcr_lane v) { return vcltq_u8(v, vdupq_n_u8(0x20)); }
static inline kcr_lane kcr_top(kcr_lane v) { return vcgeq_u8(v, vdupq_n_u8(0x80)); }
#endif

#ifdef KCR_LANES
static inline kcr_braces kcr_scan_braces(const uint8_t *p) {
    kcr_braces m = {0, 0, 0, 0};
    for (int i = 0; i < KCR_LANES; i++) {
        kcr_lane v = kcr_load(p + 16 * i), folded = kcr_fold(v);
        m.quote |= kcr_bits(kcr_eq(v, '"')) << (16 * i);
        m.backslash |= kcr_bits(kcr_eq(v, '\\')) << (16 * i);
        m.open |= kcr_bits(kcr_eq(folded, '{')) << (16 * i);
        m.close |= kcr_bits(kcr_eq(folded, '}')) << (16 * i);
    }
    return m;
}

static inline kcr_tokens kcr_scan_tokens(const uint8_t *p) {
    kcr_tokens m = {0, 0, 0, 0, 0, 0};
    for (int i = 0; i < KCR_LANES; i++) {
        kcr_lane v = kcr_load(p + 16 * i), folded = kcr_fold(v);
        m.quote |= kcr_bits(kcr_eq(v, '"')) << (16 * i);
        m.backslash |= kcr_bits(kcr_eq(v, '\\')) << (16 * i);
        m.op |= kcr_bits(kcr_or(kcr_or(kcr_eq(folded, '{'), kcr_eq(folded, '}')), kcr_or(kcr_eq(v, ':'), kcr_eq(v, ',')))) << (16 * i);
        m.blank |= kcr_bits(kcr_eq(v, ' ')) << (16 * i);
        m.control |= kcr_bits(kcr_below_blank(v)) << (16 * i);
        m.high |= kcr_bits(kcr_top(v)) << (16 * i);
    }
    /* Rare: servers send compact JSON. */
    if (m.control)
        for (int i = 0; i < KCR_LANES; i++) {
            kcr_lane v = kcr_load(p + 16 * i);
            m.blank |= kcr_bits(kcr_or(kcr_eq(v, '\n'), kcr_or(kcr_eq(v, '\r'), kcr_eq(v, '\t')))) << (16 * i);
        }
    return m;
}
#else
static inline kcr_braces kcr_scan_braces(const uint8_t *p) {
    kcr_braces m = {0, 0, 0, 0};
    for (int i = 0; i < 64; i++) {
        uint64_t bit = (uint64_t)1 << i;
        uint8_t c = p[i];
        if (c == '"') m.quote |= bit;
        else if (c == '\\') m.backslash |= bit;
        else if (c == '{' || c == '[') m.open |= bit;
        else if (c == '}' || c == ']') m.close |= bit;
    }
    return m;
}

static inline kcr_tokens kcr_scan_tokens(const uint8_t *p) {
    kcr_tokens m = {0, 0, 0, 0, 0, 0};
    for (int i = 0; i < 64; i++) {
        uint64_t bit = (uint64_t)1 << i;
        uint8_t c = p[i];
        if (c == '"') m.quote |= bit;
        else if (c == '\\') m.backslash |= bit;
        else if (c == '{' || c == '[' || c == '}' || c == ']' || c == ':' || c == ',') m.op |= bit;
        else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') m.blank |= bit;
        if (c < 0x20) m.control |= bit;
        if (c >= 0x80) m.high |= bit;
    }
    return m;
}
#endif

/* Bit i: the parity of the bits 0...i. Turns quotes into "inside a string". */
static inline uint64_t kcr_prefix_xor(uint64_t x) {
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    x ^= x << 32;
    return x;
}

/* Asks for the head of an object, to be written, and for what stands at a distance from it: both at once, not one after the other. */
static inline void kcr_prefetch(const void *object, uint32_t distance) {
    __builtin_prefetch(object, 1);
    __builtin_prefetch((const char *)object + 64);
    __builtin_prefetch((const char *)object + distance);
}

static inline size_t kcr_length(const char *text) { return strlen(text); }

/* Where the first such byte is; n: nowhere. */
static inline size_t kcr_index(const void *p, uint8_t byte, size_t n) {
    const char *found = (const char *)memchr(p, byte, n);
    return found ? (size_t)(found - (const char *)p) : n;
}

/* How many bytes the first line has, its newline included; 0: there is no newline. */
static inline size_t kcr_line_end(const void *p, size_t n) {
    const char *end = (const char *)memchr(p, '\n', n);
    return end ? (size_t)(end - (const char *)p) + 1 : 0;
}

static inline int kcr_equal(const void *a, const void *b, size_t n) { return memcmp(a, b, n) == 0; }

#endif
