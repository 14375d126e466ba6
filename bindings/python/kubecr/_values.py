"""What the client gives: objects, lists, events and changes. Objects are plain dicts."""

from __future__ import annotations

from json import loads

from ._library import json_text, load, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Dict, List

    #: A Kubernetes object, as its JSON says it.
    Object = Dict[str, Any]
    _Base = List[Object]
else:
    Object = dict
    _Base = list


class PartialObject(Object):
    """An object of which only a part was asked for (`metadata_only`, an informer's `keep`): a dict like the others, which is not to
    be written back. Verbs that take an object refuse it as ArgumentError; to change an object, `patch` or `update` it."""

    REFUSAL = "the body is a PartialObject (metadata_only, keep), which is not to be written back: patch or update the object"


class ObjectList(_Base):
    """A whole list, or one page of it: a list of objects that knows its version."""

    def __init__(self, objects: list[Object], resource_version: str, continue_: str) -> None:
        super().__init__(objects)
        #: The revision of the whole list: where a watch can begin.
        self.resource_version: str = resource_version
        #: The token of the next page; "": complete.
        self.continue_: str = continue_


class Event:
    """What a watch tells: `type` is ADDED, MODIFIED, DELETED (`object` is the last state) or BOOKMARK."""

    __slots__ = ("object", "type")

    def __init__(self, type: str, object: Object) -> None:
        self.type: str = type
        self.object: Object = object

    def __iter__(self) -> Iterator[Any]:
        """`type, object = event`"""
        return iter((self.type, self.object))

    def __repr__(self) -> str:
        return f"Event({self.type} {key_of(self.object)})"


class Change:
    """What an informer tells of one object after its cache holds it; SYNCED comes without one."""

    __slots__ = ("initial", "object", "old", "resync", "stale", "type")

    def __init__(self, type: str, flags: int, object: Object, old: Object | None) -> None:
        #: ADDED, MODIFIED, DELETED or SYNCED: all that was there has been told.
        self.type: str = type
        #: The new state, or the last one for DELETED; {} for SYNCED.
        self.object: Object = object
        #: MODIFIED: the state before.
        self.old: Object | None = old
        #: The object was there when the handler began.
        self.initial: bool = bool(flags & 1)
        #: Told again by `resync`; nothing has changed.
        self.resync: bool = bool(flags & 2)
        #: The deletion was missed: this is the last state known, not the final one.
        self.stale: bool = bool(flags & 4)

    def __repr__(self) -> str:
        return f"Change({self.type} {key_of(self.object)})"


EVENTS = {1: "ADDED", 2: "MODIFIED", 3: "DELETED", 4: "BOOKMARK", 5: "ERROR", 6: "SYNCED", 7: "END"}


def key_of(object: Object) -> str:
    """namespace/name, or the name alone; never an object's content, which may be secret."""
    metadata = object.get("metadata") or {}
    return "/".join(metadata[field] for field in ("namespace", "name") if metadata.get(field))


def object_of(handle: int | None) -> Any:
    """The value of a kcr_object; None for NULL."""
    lib = load()
    content = json_text(lib.kcr_object_json, handle)
    value = loads(content) if content else None
    return PartialObject(value) if lib.kcr_object_is_partial(handle) == 1 and isinstance(value, dict) else value


def list_of(handle: int) -> ObjectList:
    """The objects of a kcr_list."""
    lib = load()
    count: int = lib.kcr_list_count(handle)
    objects: list[Object] = []
    # Some at once: what they have in common, their keys, is then one string each.
    for start in range(0, count, 256):
        handles = [lib.kcr_list_at(handle, index) for index in range(start, min(count, start + 256))]
        values = loads("[" + ",".join([json_text(lib.kcr_object_json, one) or "null" for one in handles]) + "]")
        objects += [PartialObject(value) if lib.kcr_object_is_partial(one) == 1 else value for one, value in zip(handles, values)]
    return ObjectList(objects, text(lib.kcr_list_resource_version(handle)), text(lib.kcr_list_continue(handle)))
