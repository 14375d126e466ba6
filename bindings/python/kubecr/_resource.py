"""A resource and its verbs. `Verbs` makes the requests as values; `Resource` sends them and waits."""

from __future__ import annotations

from ._errors import ArgumentError, Conflict, Gone
from ._options import encode
from ._values import PartialObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from ._client import Client
    from ._engine import Request
    from ._informer import Informer
    from ._types import (
        ApplyOptions,
        DeleteCollectionOptions,
        DeleteOptions,
        GetOptions,
        InformerOptions,
        ListOptions,
        PagesOptions,
        Patch,
        PatchOptions,
        PatchType,
        ReadOptions,
        Unpack,
        WatchOptions,
        WriteOptions,
    )
    from ._values import Event, Object, ObjectList
    from ._watch import Watch


class Verbs:
    """One resource, in one namespace if there is one. Each method gives a request for the library."""

    def __init__(self, name: str, namespace: str | None) -> None:
        self.name: str = name
        self.namespace: str | None = namespace

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, namespace={self.namespace!r})"

    def _request(
        self, verb: str, options: Mapping[str, Any], *, name: str | None = None, namespace: str | None = None,
        subresource: str | None = None, body: Any = None, patch_type: str | None = None,
    ) -> Request:  # fmt: skip
        if isinstance(body, PartialObject):
            raise ArgumentError(PartialObject.REFUSAL)
        request: Request = {
            "verb": verb,
            "resource": f"{self.name}/{subresource}" if subresource else self.name,
            "options": encode(verb, options),
        }
        where = self.namespace if namespace is None else namespace
        rest = {"namespace": where, "name": name, "body": body, "patchType": patch_type}
        request.update((key, value) for key, value in rest.items() if value is not None)
        return request

    @staticmethod
    def _own_namespace(info: Mapping[str, Any], config: Mapping[str, Any]) -> str:
        """Where a single object is looked for when no namespace is given."""
        return str(config["namespace"]) if info["namespaced"] else ""

    def _page(self, limit: int, continue_: str | None, options: Mapping[str, Any], namespace: str | None) -> Request:
        if continue_ is not None:
            # The token says of which version the list is; the server refuses another word on it.
            options = {**options, "resource_version": None, "resource_version_match": None}
        return self._request("list", {**options, "limit": limit, "continue_": continue_}, namespace=namespace)


def name_of(object: Object) -> str:
    name: str = (object.get("metadata") or {}).get("name", "")
    return name


class Resource(Verbs):
    """A resource of a Client, by any name that kubectl takes, or "GROUP/VERSION/RESOURCE".

    `namespace` None: all namespaces for list, watch and informer, the configuration's for single objects. Every verb takes
    `namespace` for itself, those on one object `subresource` too, and `timeout` in seconds. Every failure is a KubeError."""

    def __init__(self, client: Client, name: str, namespace: str | None = None) -> None:
        super().__init__(name, namespace)
        self._client = client

    def get(
        self, name: str, *, namespace: str | None = None, subresource: str | None = None, **options: Unpack[GetOptions]
    ) -> Object:
        """One object; with `metadata_only` a PartialObject, which costs the server and the wire its metadata only."""
        request = self._request("get", options, name=name, namespace=namespace, subresource=subresource)
        return self._client._object(request)

    def list(self, *, namespace: str | None = None, **options: Unpack[ListOptions]) -> ObjectList:
        """All objects; or one page with `limit` or `continue_`. With `metadata_only` PartialObjects."""
        return self._client._list(self._request("list", options, namespace=namespace))

    def pages(
        self, limit: int = 500, *, continue_: str | None = None, namespace: str | None = None, **options: Unpack[PagesOptions]
    ) -> Iterator[ObjectList]:
        """The pages of a list, each fetched when it is asked for; from `continue_` on. Gone: a page's token is too old."""
        while continue_ != "":
            page = self._client._list(self._page(limit, continue_, options, namespace))
            yield page
            continue_ = page.continue_

    def create(
        self, body: Object, *, name: str | None = None, namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> Object:  # fmt: skip
        """Creates an object and gives what the server made of it. apiVersion, kind and namespace are filled in; `name` is for
        subresources only."""
        request = self._request("create", options, name=name, namespace=namespace, subresource=subresource, body=body)
        return self._client._object(request)

    def replace(
        self, body: Object, *, name: str | None = None, namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> Object:  # fmt: skip
        """Replaces an object. Conflict: `metadata.resourceVersion` in the body is not the current one; see `update`."""
        request = self._request("replace", options, name=name, namespace=namespace, subresource=subresource, body=body)
        return self._client._object(request)

    def patch(
        self, name: str, patch: Patch, *, type: PatchType = "merge", namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[PatchOptions],
    ) -> Object:  # fmt: skip
        """Patches an object: a merge patch, or `type` "json", "strategic" (built-in kinds only) or "apply"."""
        request = self._request(
            "patch", options, name=name, namespace=namespace, subresource=subresource, body=patch, patch_type=type
        )
        return self._client._object(request)

    def apply(
        self, body: Object, *, field_manager: str, namespace: str | None = None, subresource: str | None = None,
        **options: Unpack[ApplyOptions],
    ) -> Object:  # fmt: skip
        """Server-side apply of one object, which is whole (apiVersion, kind, name). Conflict: a field is another manager's, and
        `force` is not set."""
        request = self._request(
            "patch", {**options, "field_manager": field_manager},
            name=name_of(body), namespace=namespace, subresource=subresource, body=body, patch_type="apply",
        )  # fmt: skip
        return self._client._object(request)

    def delete(
        self, name: str, *, namespace: str | None = None, subresource: str | None = None, **options: Unpack[DeleteOptions]
    ) -> None:
        """Deletes an object; with finalizers it is gone only later. `preconditions`: {"uid": ..., "resourceVersion": ...}."""
        request = self._request("delete", options, name=name, namespace=namespace, subresource=subresource)
        self._client._perform(request)

    def delete_collection(self, *, namespace: str | None = None, **options: Unpack[DeleteCollectionOptions]) -> None:
        """Deletes all objects that match."""
        self._client._perform(self._request("deleteCollection", options, namespace=namespace))

    def get_status(self, name: str, *, namespace: str | None = None, **options: Unpack[ReadOptions]) -> Object:
        return self.get(name, namespace=namespace, subresource="status", **options)

    def replace_status(
        self, body: Object, *, namespace: str | None = None, **options: Unpack[WriteOptions]
    ) -> Object:
        return self.replace(body, name=name_of(body), namespace=namespace, subresource="status", **options)

    def patch_status(
        self, name: str, patch: Patch, *, type: PatchType = "merge", namespace: str | None = None, **options: Unpack[PatchOptions]
    ) -> Object:
        return self.patch(name, patch, type=type, namespace=namespace, subresource="status", **options)

    def get_scale(self, name: str, *, namespace: str | None = None, **options: Unpack[ReadOptions]) -> Object:
        return self.get(name, namespace=namespace, subresource="scale", **options)

    def scale(
        self, name: str, replicas: int, *, namespace: str | None = None, **options: Unpack[PatchOptions]
    ) -> Object:
        """Sets the replicas through the subresource scale, which it gives back."""
        return self.patch(name, {"spec": {"replicas": replicas}}, namespace=namespace, subresource="scale", **options)

    def update(
        self, name: str, change: Callable[[Object], Object | None], *, attempts: int = 5, namespace: str | None = None,
        subresource: str | None = None, **options: Unpack[WriteOptions],
    ) -> Object:  # fmt: skip
        """Gets the object, lets `change` change it (in place, or by giving another), and replaces it; after a Conflict it does so
        anew, on the state of then, `attempts` times in all, about 10 ms apart. Raises the last Conflict."""
        from time import sleep

        for attempt in range(attempts):
            object_ = self.get(name, namespace=namespace, subresource=subresource, timeout=options.get("timeout"))
            try:
                return self.replace(
                    change(object_) or object_, name=name, namespace=namespace, subresource=subresource, **options
                )
            except Conflict:
                if attempt + 1 == attempts:
                    raise
                sleep(pause())
        raise ValueError("attempts must be at least 1")

    def watch(
        self, *, namespace: str | None = None, bookmarks: bool = False, **options: Unpack[WatchOptions]
    ) -> Watch:
        """The changes from `resource_version` on (a list's); without it first ADDED for all that is there. `timeout` seconds end
        the whole; `bookmarks` are told on demand."""
        where = self.namespace if namespace is None else namespace
        from ._watch import Watch

        return Watch(self._client, self.name, where, {**options, "bookmarks": bookmarks})

    def wait(
        self, name: str, until: Callable[[Object | None], object], *, timeout: float | None = None, namespace: str | None = None
    ) -> Object | None:
        """Waits until `until(object)` is true, and gives that object: `kubecr.deleted`, `kubecr.condition("Ready")`,
        `kubecr.field("/status/phase", "Running")`, or any function. It is asked for what is there now and for each change that
        the server tells; with None while there is no such object, so a goal may be one that is not made yet.

        Timeout: not within `timeout` seconds; the message has what was seen last and what failed last. What the server refuses
        at first (Forbidden, NotFound, ...) is raised at once; what fails later is tried again. Nothing is missed over
        disconnects; after a version that is too old it lists anew."""
        from time import sleep

        from ._wait import Progress, selector

        fields = selector(name)
        progress = Progress(self.name, name, until, timeout)
        where = self.namespace if namespace is None else namespace
        if where is None:
            where = self._own_namespace(self._client.discover(self.name, timeout=progress.left()), self._client.config)
        progress.namespace = where
        while True:
            try:
                with self.watch(namespace=where, bookmarks=True, field_selector=fields, timeout=progress.left()) as events:
                    for event in events:
                        if progress.is_reached(event):
                            return progress.object
                    raise progress.failure(self._client._engine, events.last_error)
            except Gone as gone:
                sleep(progress.pause())
                if progress.is_late():
                    raise progress.failure(self._client._engine, gone) from gone

    def informer(self, *, namespace: str | None = None, **options: Unpack[InformerOptions]) -> Informer:
        """A local copy of all objects that match. `resync` seconds: tells handlers every object again from time to time."""
        where = self.namespace if namespace is None else namespace
        from ._informer import Informer

        return Informer(self._client, self.name, where, options)


def pause() -> float:
    """Seconds before the next attempt of an update: 10 ms and up to a tenth of it more (R4; client-go, util/retry DefaultRetry)."""
    from random import uniform

    return uniform(0.01, 0.011)
