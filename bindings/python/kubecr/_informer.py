"""Informers: a local copy of a resource that converges to the server's state, and the handlers that are told of changes."""

from __future__ import annotations

from ctypes import c_void_p

from ._engine import Engine, forget, is_exiting, json
from ._errors import Cancelled, Timeout
from ._library import error_of, take, text
from ._options import encode
from ._signal import Signal
from ._values import EVENTS, Change, ObjectList, list_of, object_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType
    from typing import Any, List

    from ._client import Client
    from ._errors import KubeError
    from ._types import CacheListOptions, Unpack
    from ._values import Object

    One = Callable[[Object], object]
    Two = Callable[[Object, Object], object]


# inspect.CO_COROUTINE, without the module.
_CO_COROUTINE = 0x80


class Handler:
    """Functions that are told of an informer's changes; `remove` ends that."""

    def __init__(
        self,
        engine: Engine,
        informer: int,
        resource: str,
        added: One | None,
        modified: Two | None,
        deleted: One | None,
        synced: Callable[[], object] | None,
        changed: Callable[[Change], object] | None,
    ) -> None:
        self.resource: str = resource
        self.is_removed: bool = False
        self._engine = engine
        self._functions = {"ADDED": added, "MODIFIED": modified, "DELETED": deleted, "SYNCED": synced}
        self._changed = changed
        for function in (*self._functions.values(), changed):
            if getattr(getattr(function, "__code__", None), "co_flags", 0) & _CO_COROUTINE:
                raise TypeError("a handler is a plain function, not a coroutine function")
        self._handle: int | None = None
        with engine.lock:
            self._number, self._handle = engine.add_handler(self, informer)

    def deliver(self, event: int, flags: int, object_: int | None, old: int | None) -> None:
        """A callback of the library: puts down what is to be called."""
        kind = EVENTS.get(event, "")
        if kind == "END":
            return forget(self._number)
        function = self._functions.get(kind)
        if function is None and self._changed is None:
            return
        change = Change(kind, flags, object_of(object_) or {}, object_of(old))
        if function is not None:
            arguments: tuple[Any, ...] = (change.object,)
            if kind == "MODIFIED":
                arguments = (change.old, change.object)
            elif kind == "SYNCED":
                arguments = ()
            self._engine.deliveries.append((self, function, arguments))
        if self._changed is not None:
            self._engine.deliveries.append((self, self._changed, (change,)))

    def remove(self) -> None:
        """No further call. Any thread."""
        self.is_removed = True
        with self._engine.lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                self._engine.lib.kcr_handler_free(handle)


class InformerReads:
    """What both kinds of informer have: everything that does not wait. Any thread may call it, also after the end."""

    def __init__(
        self, engine: Engine, resource: str, namespace: str | None, options: Mapping[str, Any], notify: Callable[[], object]
    ) -> None:
        self._engine = engine
        self._resource = resource
        self._wake = notify
        self._is_started = False
        self._is_stopped = False
        self._handle: int | None = None
        encoded = json(encode("informer", options))
        where = None if namespace is None else namespace.encode()
        with engine.lock:
            engine.check()
            self._handle = take(engine.lib.kcr_informer_new, engine.handle, resource.encode(), where, encoded)

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle is not None and not is_exiting():
            self._engine.garbage.append((self._engine.lib.kcr_informer_free, handle))

    def _begin(self) -> None:
        """Starts it; it then lives until it is closed, or its client is."""
        with self._engine.lock:
            self._engine.check()
            if self._is_stopped:
                raise Cancelled("the informer was closed; make a new one")
            if not self._is_started:
                error = c_void_p()
                if self._engine.lib.kcr_informer_start(self._handle, error) != 0:
                    raise error_of(error.value, free=True)
                self._is_started = True
                self._engine.streams.add(self)

    def close(self) -> None:
        """Ends it: handlers hear of nothing more, the copy stays readable. Any thread, never waits."""
        if is_exiting():
            return
        self._is_stopped = True
        self._engine.lib.kcr_informer_stop(self._handle)
        self._engine.streams.discard(self)
        self._wake()

    def on(
        self,
        *,
        added: One | None = None,
        modified: Two | None = None,
        deleted: One | None = None,
        synced: Callable[[], object] | None = None,
        changed: Callable[[Change], object] | None = None,
    ) -> Handler:
        """Calls `added(object)`, `modified(old, new)`, `deleted(last)`, `synced()` after all that was there, and `changed(Change)`
        for each of them with its flags, one after the other, after the copy holds the change. Added late, a handler first hears
        ADDED of all that is there.

        They run on the client's driving thread (AsyncClient: inside the event loop), so a slow one delays the others. They may
        call the client. What one raises is logged to the logger "kubecr"."""
        return Handler(self._engine, self._read(), self._resource, added, modified, deleted, synced, changed)

    def wake(self) -> None:
        self._wake()

    def is_settled(self) -> bool:
        """Synced, or it never will be."""
        return self._is_stopped or self.has_synced

    @property
    def has_synced(self) -> bool:
        """The copy is complete. Never False again."""
        return bool(self._engine.lib.kcr_informer_has_synced(self._handle) == 1)

    @property
    def staleness(self) -> float:
        """Seconds since the server was last heard (about once a minute when nothing changes); infinite before the first time."""
        milliseconds = self._engine.lib.kcr_informer_staleness_ms(self._handle)
        return float("inf") if milliseconds < 0 else milliseconds / 1000

    @property
    def last_error(self) -> KubeError | None:
        """What failed since the last success."""
        handle = self._engine.lib.kcr_informer_last_error(self._handle)
        return None if handle is None else error_of(handle, free=True)

    def stats(self) -> dict[str, Any]:
        """objects, bytes, resourceVersion, synced, lists, watches, events, errors, stalenessMs and more."""
        return self._engine.take_object(take(self._engine.lib.kcr_informer_stats, self._read()))

    def list(self, **options: Unpack[CacheListOptions]) -> ObjectList:
        """All objects of the copy at one moment, in no order; or those of a namespace."""
        lib, handle = self._engine.lib, self._snapshot(options)
        try:
            return list_of(handle)
        finally:
            lib.kcr_list_free(handle)

    def get(self, key: str, default: Object | None = None) -> Object | None:
        """The object of a key: "namespace/name", or "name" without a namespace."""
        from ._errors import NotFound

        try:
            handle = take(self._engine.lib.kcr_informer_get, self._read(), key.encode())
        except NotFound:
            return default
        return self._engine.take_object(handle)

    def __getitem__(self, key: str) -> Object:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __len__(self) -> int:
        return int(self._engine.lib.kcr_informer_count(self._read()))

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> List[str]:
        """The keys at one moment."""
        lib, handle = self._engine.lib, self._snapshot({})
        try:
            return [text(lib.kcr_object_key(lib.kcr_list_at(handle, index))) for index in range(lib.kcr_list_count(handle))]
        finally:
            lib.kcr_list_free(handle)

    def _snapshot(self, options: Mapping[str, Any]) -> int:
        return take(self._engine.lib.kcr_informer_list, self._read(), json(encode("informer list", options)))

    def _read(self) -> int:
        self._engine.check_process()
        return self._handle or 0

    def _outcome(self, timeout: float | None) -> None:
        """After the wait for the sync: why it is not there."""
        with self._engine.lock:
            self._engine.unsynced.discard(self)
        if self.has_synced:
            return
        if self._is_stopped:
            raise Cancelled("the informer was closed before it was synced")
        raise self.last_error or Timeout(f"the informer of {self._resource} was not synced within {timeout} s")


class Informer(InformerReads):
    """A local copy of a resource: a mapping of "namespace/name" to objects that answers without the server, and a context manager.

    It starts with the block it is made in, or with `start` or `wait_synced`, and lives until `close` or the client's end."""

    def __init__(self, client: Client, resource: str, namespace: str | None, options: Mapping[str, Any]) -> None:
        self._client = client
        self._signal = Signal()
        super().__init__(client._engine, resource, namespace, options, self._signal.set)

    def start(self) -> Informer:
        if not self._is_started or self._is_stopped:
            self._client._open(self._begin)
        return self

    def wait_synced(self, timeout: float | None = None) -> None:
        """Waits until the copy is complete, `timeout` seconds at most. Then it raises what failed last (Forbidden, TLSError, ...),
        or Timeout; Cancelled when it is closed."""
        self.start()
        with self._engine.lock:
            self._engine.unsynced.add(self)
        self._client._wait(self.is_settled, self._signal, timeout)
        self._outcome(timeout)

    def __enter__(self) -> Informer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
