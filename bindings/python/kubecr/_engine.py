"""One library client in external mode, and what its callbacks find. It knows no thread and no event loop: its owner polls
`descriptor` and calls `process`.

`lock` keeps two threads from being inside the library's client at once, and is never held while a user's function runs.
"""

from __future__ import annotations

import atexit
import os
import sys
from _thread import RLock, get_native_id, start_new_thread
from collections import deque
from itertools import count
from json import dumps, loads

from . import _log
from ._library import CALL_FN, INFORMER_FN, WATCH_FN, error_of, json_text, load, take
from ._options import encode, names
from ._values import list_of, object_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ._informer import Handler, InformerReads
    from ._library import Library
    from ._watch import Stream

    Request = dict[str, Any]

# Whom a callback is for, by the number that travels through the library as user_data.
_consumers: dict[int, Any] = {}
_numbers = count(1)

STOP = 1


def _on_call(_status: int, object_: int | None, list_: int | None, error: int | None, number: int) -> None:
    call: Call | None = _consumers.pop(number, None)
    if call is not None:
        call.finish(object_, list_, error)


def _on_watch(event: int, object_: int | None, error: int | None, number: int) -> int:
    stream: Stream | None = _consumers.get(number)
    return STOP if stream is None else stream.deliver(event, object_, error)


def _on_change(event: int, flags: int, object_: int | None, old: int | None, number: int) -> None:
    handler: Handler | None = _consumers.get(number)
    if handler is not None:
        handler.deliver(event, flags, object_, old)


_CALL, _WATCH, _CHANGE = CALL_FN(_on_call), WATCH_FN(_on_watch), INFORMER_FN(_on_change)


def forget(number: int) -> None:
    """Callbacks for this number are for nobody from now on."""
    _consumers.pop(number, None)


# The locks of all clients: at the interpreter's exit they are taken and kept, so that no thread is inside the library, or
# comes back into Python from it, while the interpreter goes.
_locks: dict[RLock, int] = {}
_is_exiting = False


def _exit() -> None:
    global _is_exiting
    _is_exiting = True
    for lock, pid in list(_locks.items()):
        if pid == os.getpid():
            lock.acquire(timeout=5)
    _log.end()


atexit.register(_exit)


def is_exiting() -> bool:
    return _is_exiting


def json(value: Any) -> bytes:
    return dumps(value, allow_nan=False, separators=(",", ":")).encode()


class Call:
    """One verb under way. `notify` is called when it is done, where callbacks are called."""

    def __init__(self, engine: Engine, notify: Callable[[], object]) -> None:
        self.is_done: bool = False
        self.handle: int | None = None
        self._engine = engine
        self._notify = notify
        self._value: Any = None
        self._error: Exception | None = None

    def finish(self, object_: int | None, list_: int | None, error: int | None) -> None:
        try:
            if error:
                self._error = error_of(error, free=False)
            else:
                self._value = list_of(list_) if list_ else object_of(object_)
        except Exception as failure:  # such as RecursionError: the caller's to hear
            self._error = failure
        self.release()
        self.is_done = True
        self._notify()

    def cancel(self) -> None:
        """It is not waited for any more; a write may have been executed all the same."""
        with self._engine.lock:
            if self.handle is not None:
                self._engine.lib.kcr_call_cancel(self.handle)
            self.release()

    def release(self) -> None:
        self._engine.calls.discard(self)
        handle, self.handle = self.handle, None
        if handle is not None:
            self._engine.lib.kcr_call_free(handle)

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._value


class Engine:
    handle: int | None = None

    def __init__(self, kubeconfig: object, options: Mapping[str, Any]) -> None:
        #: Handles that nobody uses any more, with their functions: freed where that disturbs no call.
        self.garbage: deque[tuple[Callable[[int], None], int]] = deque()
        config_names = names("config")
        config_options = {name: value for name, value in options.items() if name in config_names}
        client_options = encode("client", {name: value for name, value in options.items() if name not in config_names})
        lib = load()
        self.lib: Library = lib
        config = take(lib.kcr_config_load, json(encode("config", {"kubeconfig": kubeconfig, **config_options})))
        try:
            self.config_json: str = json_text(lib.kcr_config_json, config) or "{}"
            self.handle = take(lib.kcr_client_new, config, json({**client_options, "loop": "external"}))
        finally:
            lib.kcr_config_free(config)
        self.descriptor: int = lib.kcr_client_fd(self.handle)
        self.lock: RLock = RLock()
        self.calls: set[Call] = set()
        #: Watches and informers that want the client to be driven.
        self.streams: set[Stream | InformerReads] = set()
        #: Started informers whose owner waits for their sync.
        self.unsynced: set[InformerReads] = set()
        self.deliveries: deque[tuple[Handler, Callable[..., object], tuple[Any, ...]]] = deque()
        self.is_closing: bool = False
        self._pid = os.getpid()
        _locks[self.lock] = self._pid

    def __del__(self) -> None:
        if _is_exiting:
            return
        if self.handle is not None and _log.is_on():
            # The collector may run inside of the log's callback, which must not wait for what is logged here.
            start_new_thread(self._free, ())
        elif self.handle is not None:
            self._free()
        else:
            self._sweep()

    def check(self) -> None:
        """RuntimeError: closed, or made before a fork."""
        self.check_process()
        if self.is_closing:
            raise RuntimeError("the client is closed")

    def check_process(self) -> None:
        if os.getpid() != self._pid:
            raise RuntimeError("this client was made before fork(); make a new one in the child")

    # Everything below takes the lock.

    def call(self, request: Request, notify: Callable[[], object]) -> Call:
        text = json(request)
        self.check()
        call = Call(self, notify)
        number = next(_numbers)
        with self.lock:
            self.check()
            _consumers[number] = call
            try:
                call.handle = take(self.lib.kcr_client_call, self.handle, text, _CALL, number, None)
            except BaseException:
                forget(number)
                raise
            self.calls.add(call)
        return call

    def watch(self, stream: Stream, resource: bytes, namespace: bytes | None, options: Request) -> tuple[int, int]:
        """Gives the stream's number and handle."""
        number = next(_numbers)
        with self.lock:
            self.check()
            _consumers[number] = stream
            try:
                arguments = (resource, namespace, json(options), _WATCH, number, None)
                return number, take(self.lib.kcr_client_watch, self.handle, *arguments)
            except BaseException:
                forget(number)
                raise

    def add_handler(self, handler: Handler, informer: int) -> tuple[int, int]:
        """Gives the handler's number and handle."""
        number = next(_numbers)
        with self.lock:
            self.check()
            _consumers[number] = handler
            try:
                return number, take(self.lib.kcr_informer_add_handler, informer, _CHANGE, number, None)
            except BaseException:
                forget(number)
                raise

    def process(self) -> None:
        """Does what can be done now; callbacks put down what they are told. Raises what a signal's handler raised meanwhile
        (KeyboardInterrupt): ctypes would print it and go on."""
        with self.lock:
            if self.handle is None:
                return
            # Python's signal handlers run in the main thread only.
            if get_native_id() != os.getpid():
                self.lib.kcr_client_process(self.handle, None)
            else:
                raised: list[BaseException] = []
                before = sys.unraisablehook

                def hook(unraisable: Any) -> None:
                    if "ctypes callback" in (unraisable.err_msg or ""):
                        raised.append(unraisable.exc_value)
                    else:
                        before(unraisable)

                sys.unraisablehook = hook
                try:
                    self.lib.kcr_client_process(self.handle, None)
                finally:
                    sys.unraisablehook = before
                if raised:
                    raise raised[0]
            self._sweep()
            for informer in [one for one in self.unsynced if one.is_settled()]:
                self.unsynced.discard(informer)
                informer.wake()

    def dispatch(self) -> None:
        """Calls the handlers of informers. What one raises is logged, and the next is called."""
        while self.deliveries:
            handler, function, arguments = self.deliveries.popleft()
            if handler.is_removed:
                continue
            try:
                function(*arguments)
            except (Exception, SystemExit):
                from logging import getLogger

                getLogger("kubecr").exception("a handler of the informer of %s failed", handler.resource)

    def stats(self) -> dict[str, Any]:
        with self.lock:
            self.check()
            handle = take(self.lib.kcr_client_stats, self.handle)
        return self.take_object(handle)

    def take_object(self, handle: int) -> dict[str, Any]:
        try:
            value: dict[str, Any] = object_of(handle)
            return value
        finally:
            self.lib.kcr_object_free(handle)

    @property
    def config(self) -> dict[str, Any]:
        value: dict[str, Any] = loads(self.config_json)
        return value

    def stop(self) -> None:
        """Nothing new is taken, and all that is under way ends by the next rounds of `process`."""
        self.is_closing = True
        with self.lock:
            if self.handle is None:
                return
            for stream in list(self.streams):
                stream.close()
            for call in list(self.calls):
                if call.handle is not None:
                    self.lib.kcr_call_cancel(call.handle)

    def close(self) -> None:
        """After `stop`, when nobody polls the descriptor any more: frees the client, which tells everyone the end."""
        with self.lock:
            if self.handle is not None:
                self._free()

    def _free(self) -> None:
        handle, self.handle = self.handle, None
        _locks.pop(self.lock, None)
        self.lib.kcr_client_free(handle)
        self._sweep()

    def _sweep(self) -> None:
        while self.garbage:
            free, handle = self.garbage.popleft()
            free(handle)
