/* What the case in work owns, and how it is freed when the case ends. */
#ifndef KUBECR_CONFORMANCE_POOL_H
#define KUBECR_CONFORMANCE_POOL_H

enum owned_kind { OWN_STREAM, OWN_CLIENT, OWN_OBJECT, OWN_LIST, OWN_ERROR, OWN_STRING };

/* Takes what is freed at the end of the case; NULL is nothing. Any thread. */
void own(void *thing, enum owned_kind kind);

/* Frees it all: streams first, since their callbacks may still run. */
void free_owned(void);

#endif
