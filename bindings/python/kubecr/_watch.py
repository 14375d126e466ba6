"""Watches: what the library tells a watch (Stream), and the iterator over it (Watch)."""

from __future__ import annotations

from collections import deque
from time import monotonic

from ._engine import STOP, Engine, forget, is_exiting
from ._library import error_of
from ._options import encode
from ._signal import Signal
from ._values import EVENTS, Event, object_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any

    from ._client import Client
    from ._errors import KubeError


class Stream:
    """The events of one watch, until its reader takes them. `wake` is called when there is something new.

    A reader that lags by `max_queued` events ends the library's watch; when it has caught up, a new one begins at the version
    that was told last. So memory stays bounded and the client's other watches go on.
    """

    def __init__(
        self, engine: Engine, resource: str, namespace: str | None, options: Mapping[str, Any], wake: Callable[[], object]
    ) -> None:
        self.is_over: bool = False
        self.error: Exception | None = None
        self.last_error: KubeError | None = None
        self.resource_version: str | None = options.get("resource_version")
        self._engine = engine
        self._resource = resource.encode()
        self._namespace = None if namespace is None else namespace.encode()
        self._options = dict(options)
        self._wants_bookmarks = bool(self._options.pop("bookmarks", False))
        self._max_queued: int = self._options.get("max_queued") or 1000
        timeout = self._options.get("timeout")
        self._deadline = None if timeout is None else monotonic() + timeout
        self._wake = wake
        self._queue: deque[Event] = deque()
        # The initial objects bear no version to resume from; the bookmark behind them does.
        self._is_listed = self.resource_version is not None
        self._is_paused = False
        self._number = 0
        # At most one. Who pops it owns it: the library's END, or whoever closes.
        self._handles: list[int] = []

    def open(self) -> None:
        options = self._options
        if self.resource_version is not None:
            options = {**options, "resource_version": self.resource_version}
        if self._deadline is not None:
            options = {**options, "timeout": max(0.001, self._deadline - monotonic())}
        with self._engine.lock:
            self._is_paused = False
            encoded = encode("watch", options)
            self._number, handle = self._engine.watch(self, self._resource, self._namespace, encoded)
            self._handles.append(handle)
            self._engine.streams.add(self)

    def deliver(self, event: int, object_: int | None, error: int | None) -> int:
        """A callback of the library."""
        try:
            kind = EVENTS.get(event)
            if kind == "END":
                self._ended(error)
            elif self.is_over:
                return STOP
            elif kind == "ERROR":
                self.last_error = error_of(error, free=False)
            elif kind is not None:
                return self._arrived(kind, object_of(object_))
            return 0
        except Exception as failure:  # the reader's to hear
            self._end(failure)
            return STOP

    def _arrived(self, kind: str, object_: dict[str, Any]) -> int:
        self.last_error = None
        self._is_listed = self._is_listed or kind == "BOOKMARK"
        if self._is_listed:
            self.resource_version = object_["metadata"]["resourceVersion"]
        if kind != "BOOKMARK" or self._wants_bookmarks:
            self._queue.append(Event(kind, object_))
            self._wake()
        self._is_paused = self._is_listed and len(self._queue) >= self._max_queued
        return STOP if self._is_paused else 0

    def _ended(self, error: int | None) -> None:
        forget(self._number)
        handle = self._pop_handle()
        if handle is not None:
            self._engine.lib.kcr_watch_free(handle)
        if not self._is_paused or self.is_over:
            self._end(error_of(error, free=False) if error else None)
        self._wake()

    def _pop_handle(self) -> int | None:
        try:
            return self._handles.pop()
        except IndexError:
            return None

    def _end(self, error: Exception | None) -> None:
        if not self.is_over:
            self.error, self.is_over = error, True
        self._engine.streams.discard(self)
        self._wake()

    def take(self) -> Event | None:
        """The next event; None: there is none now, and never again if `is_over` was true before."""
        try:
            return self._queue.popleft()
        except IndexError:
            pass
        with self._engine.lock:
            if self._is_paused and not self._handles and not self.is_over:
                if self._deadline is not None and monotonic() >= self._deadline:
                    self._end(None)
                else:
                    self.open()
        return None

    def is_ready(self) -> bool:
        """Whether a reader that found nothing should look again."""
        return bool(self._queue) or self.is_over or (self._is_paused and not self._handles)

    def close(self) -> None:
        """What is queued is dropped; the library's END follows by the next rounds of `process`."""
        if is_exiting():
            return
        self.is_over = True
        self._queue.clear()
        handle = self._pop_handle()
        if handle is not None:
            self._engine.lib.kcr_watch_stop(handle)
            self._engine.garbage.append((self._engine.lib.kcr_watch_free, handle))
        elif self._is_paused:
            self._engine.streams.discard(self)
        self._wake()


class Watch:
    """The changes of a resource: an iterator of Events, and a context manager. It belongs to one thread at a time.

    It resumes over disconnects from the last version it was told. It ends by its `timeout`, by `close` (from any thread) and
    with the block it was made in; a watch that is left without (`break`) ends when it is collected. It raises what ends it:
    Gone when the version is too old to resume, Forbidden, NotFound and the like when the first request is refused.
    """

    def __init__(self, client: Client, resource: str, namespace: str | None, options: Mapping[str, Any]) -> None:
        self._signal = Signal()
        self._stream = Stream(client._engine, resource, namespace, options, self._signal.set)
        client._open(self._stream.open)
        self._client = client

    def __iter__(self) -> Watch:
        return self

    def __next__(self) -> Event:
        stream = self._stream
        while True:
            is_over = stream.is_over
            event = stream.take()
            if event is not None:
                return event
            if is_over:
                error, stream.error = stream.error, None
                raise error or StopIteration
            self._client._wait(stream.is_ready, self._signal)

    @property
    def resource_version(self) -> str | None:
        """The version told last, from which another watch could go on; None: before the initial objects are complete."""
        return self._stream.resource_version

    @property
    def last_error(self) -> KubeError | None:
        """What failed last, while the watch tries again; None: nothing since the last event."""
        return self._stream.last_error

    def close(self) -> None:
        """Ends it; what is queued is dropped. Any thread, never waits."""
        self._stream.close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.close()
