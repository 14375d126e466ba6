/* The end of a stream, for the pool. */
#ifndef KUBECR_CONFORMANCE_STREAM_H
#define KUBECR_CONFORMANCE_STREAM_H

struct stream;

/* Ends the watch, or the handler and (if the stream made it) the informer; frees the stream. */
void stream_free(struct stream *stream);

#endif
