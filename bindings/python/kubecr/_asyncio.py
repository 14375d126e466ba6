"""The client inside asyncio: the same API with await and async for, driven by the running loop, without a thread."""

from __future__ import annotations

import asyncio

from . import _log
from ._client import content_of, raw_request
from ._engine import Engine, is_exiting
from ._errors import Conflict, Gone
from ._informer import InformerReads
from ._options import encode
from ._resource import Verbs, name_of, pause
from ._wait import Progress, selector
from ._watch import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from types import TracebackType
    from typing import Any

    from ._engine import Request
    from ._errors import KubeError
    from ._manifest import Manifest
    from ._types import (
        ApplyOptions,
        ClientOptions,
        DeleteCollectionOptions,
        DeleteOptions,
        GetOptions,
        InformerOptions,
        Kubeconfig,
        ListOptions,
        ManifestOptions,
        PagesOptions,
        Patch,
        PatchOptions,
        PatchType,
        ReadOptions,
        RequestOptions,
        Unpack,
        WatchOptions,
        WriteOptions,
    )
    from ._values import Event, Object, ObjectList


class AsyncClient:
    """`Client` for asyncio. It belongs to the event loop in which it is used first. A task that is cancelled cancels its call.

    Close it, or use it as an asynchronous context manager."""

    def __init__(self, kubeconfig: Kubeconfig = None, **options: Unpack[ClientOptions]) -> None:
        self._engine = Engine(kubeconfig, options)
        self._loop: asyncio.AbstractEventLoop | None = None

    # Driving. The timers of the library are inside its descriptor, so there is no time-out to keep.

    def _attach(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._engine.check()
            self._loop = loop
            loop.add_reader(self._engine.descriptor, self._ready)
        elif self._loop is not loop:
            raise RuntimeError("this client belongs to another event loop")
        return loop

    def _ready(self) -> None:
        self._engine.process()
        self._engine.dispatch()
        _log.tell()

    async def _perform(self, request: Request) -> Any:
        done = asyncio.Event()
        self._attach()
        call = self._engine.call(request, done.set)
        try:
            await done.wait()
        except BaseException:
            call.cancel()
            raise
        return call.result()

    async def _object(self, request: Request) -> Object:
        answer: Object = await self._perform(request)
        return answer

    async def _list(self, request: Request) -> ObjectList:
        answer: ObjectList = await self._perform(request)
        return answer

    async def close(self) -> None:
        """Ends everything of the client: calls that wait raise Cancelled, watches end. Idempotent."""
        self._engine.check_process()
        self._engine.stop()
        if self._loop is not None:
            self._loop.remove_reader(self._engine.descriptor)
            self._loop = None
        self._engine.close()
        self._engine.dispatch()
        _log.tell()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    # What users call

    def resource(self, name: str, namespace: str | None = None) -> AsyncResource:
        """See `Client.resource`."""
        return AsyncResource(self, name, namespace)

    async def apply(self, manifest: Manifest, **options: Unpack[ManifestOptions]) -> ObjectList:
        """See `Client.apply`."""
        from ._manifest import apply_request

        return await self._list(apply_request(manifest, options))

    async def discover(self, resource: str, *, timeout: float | None = None) -> dict[str, Any]:
        return await self._object({"verb": "discover", "resource": resource, "options": encode("discover", {"timeout": timeout})})

    async def request(self, method: str, path: str, body: Any = None, **options: Unpack[RequestOptions]) -> Any:
        return await self._perform(raw_request(method, path, body, options))

    async def request_raw(self, method: str, path: str, body: Any = None, **options: Unpack[RequestOptions]) -> bytes:
        return content_of(await self._perform({**raw_request(method, path, body, options), "answer": "base64"}))

    async def version(self, *, timeout: float | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = await self.request("GET", "/version", timeout=timeout)
        return answer

    def stats(self) -> dict[str, Any]:
        return self._engine.stats()

    @property
    def config(self) -> dict[str, Any]:
        return self._engine.config


class AsyncResource(Verbs):
    """`Resource` for asyncio: the same verbs with the same options."""

    def __init__(self, client: AsyncClient, name: str, namespace: str | None = None) -> None:
        super().__init__(name, namespace)
        self._client = client

    async def get(
        self, name: str, *, namespace: str | None = None, subresource: str | None = None, **options: Unpack[GetOptions]
    ) -> Object:
        request = self._request("get", options, name=name, namespace=namespace, subresource=subresource)
        return await self._client._object(request)

    async def list(self, *, namespace: str | None = None, **options: Unpack[ListOptions]) -> ObjectList:
        return await self._client._list(self._request("list", options, namespace=namespace))

    async def pages(
        self, limit: int = 500, *, continue_: str | None = None, namespace: str | None = None, **options: Unpack[PagesOptions]
    ) -> AsyncIterator[ObjectList]:
        while continue_ != "":
            page = await self._client._list(self._page(limit, continue_, options, namespace))
            yield page
            continue_ = page.continue_

    async def create(
        self, body: Object, *, name: str | None = None, namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> Object:  # fmt: skip
        request = self._request("create", options, name=name, namespace=namespace, subresource=subresource, body=body)
        return await self._client._object(request)

    async def replace(
        self, body: Object, *, name: str | None = None, namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> Object:  # fmt: skip
        request = self._request("replace", options, name=name, namespace=namespace, subresource=subresource, body=body)
        return await self._client._object(request)

    async def patch(
        self, name: str, patch: Patch, *, type: PatchType = "merge", namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[PatchOptions],
    ) -> Object:  # fmt: skip
        request = self._request(
            "patch", options, name=name, namespace=namespace, subresource=subresource, body=patch, patch_type=type
        )
        return await self._client._object(request)

    async def apply(
        self, body: Object, *, field_manager: str, namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[ApplyOptions],
    ) -> Object:  # fmt: skip
        request = self._request(
            "patch", {**options, "field_manager": field_manager},
            name=name_of(body), namespace=namespace, subresource=subresource, body=body, patch_type="apply",
        )  # fmt: skip
        return await self._client._object(request)

    async def delete(
        self, name: str, *, namespace: str | None = None, subresource: str | None = None, **options: Unpack[DeleteOptions]
    ) -> None:
        await self._client._perform(
            self._request("delete", options, name=name, namespace=namespace, subresource=subresource)
        )

    async def delete_collection(self, *, namespace: str | None = None, **options: Unpack[DeleteCollectionOptions]) -> None:
        await self._client._perform(self._request("deleteCollection", options, namespace=namespace))

    async def get_status(self, name: str, *, namespace: str | None = None, **options: Unpack[ReadOptions]) -> Object:
        return await self.get(name, namespace=namespace, subresource="status", **options)

    async def replace_status(self, body: Object, *, namespace: str | None = None, **options: Unpack[WriteOptions]) -> Object:
        return await self.replace(body, name=name_of(body), namespace=namespace, subresource="status", **options)

    async def patch_status(
        self, name: str, patch: Patch, *, type: PatchType = "merge", namespace: str | None = None, **options: Unpack[PatchOptions]
    ) -> Object:
        return await self.patch(name, patch, type=type, namespace=namespace, subresource="status", **options)

    async def get_scale(self, name: str, *, namespace: str | None = None, **options: Unpack[ReadOptions]) -> Object:
        return await self.get(name, namespace=namespace, subresource="scale", **options)

    async def scale(
        self, name: str, replicas: int, *, namespace: str | None = None, **options: Unpack[PatchOptions]
    ) -> Object:
        return await self.patch(
            name, {"spec": {"replicas": replicas}}, namespace=namespace, subresource="scale", **options
        )

    async def update(
        self, name: str, change: Callable[[Object], Object | None], *, attempts: int = 5, namespace: str | None = None,
        subresource: str | None = None, **options: Unpack[WriteOptions],
    ) -> Object:  # fmt: skip
        for attempt in range(attempts):
            object_ = await self.get(name, namespace=namespace, subresource=subresource, timeout=options.get("timeout"))
            try:
                return await self.replace(
                    change(object_) or object_, name=name, namespace=namespace, subresource=subresource, **options
                )
            except Conflict:
                if attempt + 1 == attempts:
                    raise
                await asyncio.sleep(pause())
        raise ValueError("attempts must be at least 1")

    def watch(
        self, *, namespace: str | None = None, bookmarks: bool = False, **options: Unpack[WatchOptions]
    ) -> AsyncWatch:
        where = self.namespace if namespace is None else namespace
        return AsyncWatch(self._client, self.name, where, {**options, "bookmarks": bookmarks})

    async def wait(
        self, name: str, until: Callable[[Object | None], object], *, timeout: float | None = None, namespace: str | None = None
    ) -> Object | None:
        """See `Resource.wait`."""
        fields = selector(name)
        progress = Progress(self.name, name, until, timeout)
        where = self.namespace if namespace is None else namespace
        if where is None:
            where = self._own_namespace(await self._client.discover(self.name, timeout=progress.left()), self._client.config)
        progress.namespace = where
        while True:
            try:
                async with self.watch(namespace=where, bookmarks=True, field_selector=fields, timeout=progress.left()) as events:
                    async for event in events:
                        if progress.is_reached(event):
                            return progress.object
                    raise progress.failure(self._client._engine, events.last_error)
            except Gone as gone:
                await asyncio.sleep(progress.pause())
                if progress.is_late():
                    raise progress.failure(self._client._engine, gone) from gone

    def informer(self, *, namespace: str | None = None, **options: Unpack[InformerOptions]) -> AsyncInformer:
        where = self.namespace if namespace is None else namespace
        return AsyncInformer(self._client, self.name, where, options)


class AsyncWatch:
    """`Watch` for asyncio: an asynchronous iterator of Events, and an asynchronous context manager. It belongs to one task."""

    def __init__(self, client: AsyncClient, resource: str, namespace: str | None, options: Mapping[str, Any]) -> None:
        client._attach()
        self._news = asyncio.Event()
        self._stream = Stream(client._engine, resource, namespace, options, self._news.set)
        self._stream.open()
        self._client = client

    def __aiter__(self) -> AsyncWatch:
        return self

    async def __anext__(self) -> Event:
        stream = self._stream
        while True:
            is_over = stream.is_over
            event = stream.take()
            if event is not None:
                return event
            if is_over:
                error, stream.error = stream.error, None
                raise error or StopAsyncIteration
            while not stream.is_ready():
                self._news.clear()
                await self._news.wait()

    @property
    def resource_version(self) -> str | None:
        """See `Watch.resource_version`."""
        return self._stream.resource_version

    @property
    def last_error(self) -> KubeError | None:
        """See `Watch.last_error`."""
        return self._stream.last_error

    async def close(self) -> None:
        """Ends it; what is queued is dropped."""
        self._stream.close()

    async def __aenter__(self) -> AsyncWatch:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def __del__(self) -> None:
        stream = getattr(self, "_stream", None)
        if stream is not None and not is_exiting():
            stream.close()


class AsyncInformer(InformerReads):
    """`Informer` for asyncio. Reads don't wait, so they are no coroutines; handlers run inside the event loop."""

    def __init__(self, client: AsyncClient, resource: str, namespace: str | None, options: Mapping[str, Any]) -> None:
        client._attach()
        self._client = client
        self._news = asyncio.Event()
        super().__init__(client._engine, resource, namespace, options, self._news.set)

    def start(self) -> AsyncInformer:
        self._client._attach()
        self._begin()
        return self

    async def wait_synced(self, timeout: float | None = None) -> None:
        """See `Informer.wait_synced`."""
        self.start()
        with self._engine.lock:
            self._engine.unsynced.add(self)
        try:
            await asyncio.wait_for(self._settle(), timeout)
        except asyncio.TimeoutError:
            pass
        self._outcome(timeout)

    async def _settle(self) -> None:
        while not self.is_settled():
            self._news.clear()
            await self._news.wait()

    async def __aenter__(self) -> AsyncInformer:
        return self.start()

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
