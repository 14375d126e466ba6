/* What the server can do. */
#ifndef KUBECR_CONFORMANCE_CAPABILITIES_H
#define KUBECR_CONFORMANCE_CAPABILITIES_H

/* Prints the capabilities of the administrator's server, separated by spaces. */
void print_capabilities(void);

#endif
