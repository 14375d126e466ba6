/* What the case in work owns: a growing table, freed whole. */
#include "pool.h"
#include "conformance.h"
#include "stream.h"

#include <stdlib.h>

static struct {
    void *thing;
    enum owned_kind kind;
} *owned;
static size_t owned_count, owned_room;
static pthread_mutex_t owned_lock = PTHREAD_MUTEX_INITIALIZER;

void own(void *thing, enum owned_kind kind) {
    if (!thing) return;
    pthread_mutex_lock(&owned_lock);
    if (owned_count == owned_room) {
        owned_room = owned_room ? owned_room * 2 : 64;
        owned = realloc(owned, owned_room * sizeof *owned);
        if (!owned) abort();
    }
    owned[owned_count].thing = thing;
    owned[owned_count++].kind = kind;
    pthread_mutex_unlock(&owned_lock);
}

static void free_one(void *thing, enum owned_kind kind) {
    switch (kind) {
    case OWN_STREAM: stream_free(thing); break;
    case OWN_CLIENT: kcr_client_free(thing); break;
    case OWN_OBJECT: kcr_object_free(thing); break;
    case OWN_LIST: kcr_list_free(thing); break;
    case OWN_ERROR: kcr_error_free(thing); break;
    case OWN_STRING: kcr_string_free(thing); break;
    }
}

void free_owned(void) {
    for (size_t i = owned_count; i > 0; i--)
        if (owned[i - 1].kind == OWN_STREAM) free_one(owned[i - 1].thing, OWN_STREAM);
    for (size_t i = 0; i < owned_count; i++)
        if (owned[i].kind != OWN_STREAM) free_one(owned[i].thing, owned[i].kind);
    free(owned);
    owned = NULL;
    owned_count = owned_room = 0;
}
