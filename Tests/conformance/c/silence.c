/* A server that accepts and never answers. */
#define _GNU_SOURCE
#include "conformance.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int silent_server(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 8) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &length) == 0;
    if (!good) return close_server(listener), -1;
    *port = ntohs(address.sin_port);
    return listener;
}

bool has_caller(int listener) { return poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, 0) == 1; }

void close_server(int listener) {
    if (listener >= 0) close(listener);
}
