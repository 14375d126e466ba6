"""The synchronous client: whoever calls drives, or one daemon thread while watches and informers live."""

from __future__ import annotations

from _thread import RLock, get_ident
from select import POLLIN, poll
from time import monotonic

from . import _log
from ._engine import Engine, is_exiting
from ._options import encode
from ._resource import Resource
from ._signal import Signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Thread
    from types import TracebackType
    from typing import Any

    from ._engine import Request
    from ._manifest import Manifest
    from ._types import ClientOptions, Kubeconfig, ManifestOptions, RequestOptions, Unpack
    from ._values import Object, ObjectList


class Client:
    """One server and one identity, as kubectl finds them: `kubeconfig`, $KUBECONFIG, in-cluster, ~/.kube/config. The options
    override what the files say; see README.md. Opens no connection before it is used.

    Any thread may use it. Ctrl-C ends every call that waits. Close it, or use it as a context manager."""

    def __init__(self, kubeconfig: Kubeconfig = None, **options: Unpack[ClientOptions]) -> None:
        self._engine = Engine(kubeconfig, options)
        # Who holds it drives the engine, or decides who does. Reentrant: a signal's handler may use the client, too.
        self._turn = RLock()
        self._thread: Thread | None = None

    # Driving

    def _perform(self, request: Request) -> Any:
        """Sends a request and waits. While a thread drives, calls run side by side; else one after the other."""
        signal = Signal()
        self._engine.check()
        with self._turn:
            call = self._engine.call(request, signal.set)
        try:
            while not call.is_done:
                with self._turn:
                    if self._thread is not None and not is_exiting():
                        break
                    self._drive(lambda: call.is_done or _log.has_news())
                _log.tell()
            self._wait(lambda: call.is_done, signal)
        except BaseException:
            self._give_up(call)
            raise
        return call.result()

    def _give_up(self, call: Any) -> None:
        call.cancel()
        self._engine.process()

    def _drive(self, is_done: Callable[[], bool], timeout: float | None = None) -> None:
        poller = poll()
        poller.register(self._engine.descriptor, POLLIN)
        for left in slices(is_done, timeout):
            poller.poll(left * 1000 + 1)
            self._engine.process()

    def _wait(self, is_done: Callable[[], bool], signal: Signal, timeout: float | None = None) -> None:
        """Until it is done, which another thread says by the signal; or until the time is up."""
        if self._thread is not None and self._thread.ident == get_ident():
            return self._drive(is_done, timeout)
        for left in slices(is_done, timeout):
            signal.wait(left)

    def _open(self, begin: Callable[[], object]) -> None:
        """Begins a watch or an informer, and sees to it that a thread drives."""
        self._engine.check()
        with self._turn:
            begin()
            if self._thread is None:
                from threading import Thread

                self._thread = Thread(target=self._run, name="kubecr", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        engine = self._engine
        poller = poll()
        poller.register(engine.descriptor, POLLIN)
        while not is_exiting():
            with self._turn:
                if not engine.streams and not engine.calls:
                    self._thread = None
                    break
            poller.poll()
            engine.process()
            engine.dispatch()
            _log.tell()
        if engine.is_closing:
            engine.close()

    def close(self) -> None:
        """Ends everything of the client: calls that wait raise Cancelled, watches end. Any thread, also a handler; idempotent."""
        self._engine.check_process()
        self._engine.stop()
        thread = self._thread
        if thread is not None and not is_exiting():
            if thread.ident == get_ident():
                return  # the thread does the rest when it leaves
            thread.join()
        with self._turn:
            self._engine.close()
        _log.tell()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _object(self, request: Request) -> Object:
        answer: Object = self._perform(request)
        return answer

    def _list(self, request: Request) -> ObjectList:
        answer: ObjectList = self._perform(request)
        return answer

    # What users call

    def resource(self, name: str, namespace: str | None = None) -> Resource:
        """A resource by any name that kubectl takes ("projects", "proj", "projects.example.sealyun.com"), resolved once through
        discovery, or as "GROUP/VERSION/RESOURCE" ("VERSION/RESOURCE" of the core), which costs no round trip."""
        return Resource(self, name, namespace)

    def apply(self, manifest: Manifest, **options: Unpack[ManifestOptions]) -> ObjectList:
        """Server-side apply of a manifest: YAML or JSON text with any number of objects, a file (`pathlib.Path`), an object, or a list of
        objects. CRDs and namespaces go first, and are there before what needs them. Gives what the server made of each, in the
        manifest's order.

        `field_manager` is "kubecr" unless given, `namespace` (the configuration's) is for what names none. Nothing is sent of a
        manifest that is bad (ArgumentError). It stops at the first failure; the message names the document, the object, and what was
        applied before. Conflict: fields are another manager's, and `force` is not set. `timeout` bounds the whole."""
        from ._manifest import apply_request

        return self._list(apply_request(manifest, options))

    def discover(self, resource: str, *, timeout: float | None = None) -> dict[str, Any]:
        """What the server says of a resource: kind, group, version, namespaced, verbs, shortNames, subresources."""
        return self._object({"verb": "discover", "resource": resource, "options": encode("discover", {"timeout": timeout})})

    def request(self, method: str, path: str, body: Any = None, **options: Unpack[RequestOptions]) -> Any:
        """Any endpoint that speaks JSON. `path` is percent-encoded. `body`: a value, or text that is sent as it is."""
        return self._perform(raw_request(method, path, body, options))

    def request_raw(self, method: str, path: str, body: Any = None, **options: Unpack[RequestOptions]) -> bytes:
        """Any endpoint, any content (logs, /metrics)."""
        return content_of(self._perform({**raw_request(method, path, body, options), "answer": "base64"}))

    def version(self, *, timeout: float | None = None) -> dict[str, Any]:
        """The server's version: gitVersion, major, minor, ..."""
        answer: dict[str, Any] = self.request("GET", "/version", timeout=timeout)
        return answer

    def stats(self) -> dict[str, Any]:
        """Counters since the client was made: calls, requests, retries, watches, connections, bytesReceived and more."""
        return self._engine.stats()

    @property
    def config(self) -> dict[str, Any]:
        """The configuration in force, secrets as "REDACTED"."""
        return self._engine.config


def slices(is_done: Callable[[], bool], timeout: float | None) -> Iterator[float]:
    """How many seconds to wait next, until it is done or the time is up. Not long at once: a signal that comes right before a
    system call does not end it, and Python runs the signal's handler only after it."""
    deadline = None if timeout is None else monotonic() + timeout
    while not is_done():
        left = 0.5 if deadline is None else min(0.5, deadline - monotonic())
        if left <= 0:
            return
        yield left


def raw_request(method: str, path: str, body: Any, options: Any) -> Request:
    request: Request = {"verb": "request", "method": method, "path": path, "options": encode("request", options)}
    if body is not None:
        request["body"] = body
    return request


def content_of(answer: dict[str, str]) -> bytes:
    from binascii import a2b_base64

    return a2b_base64(answer["base64"])
