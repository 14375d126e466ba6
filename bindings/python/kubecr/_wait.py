"""What `wait` waits for: ready-made goals, and what a watch of one object has told of it so far."""

from __future__ import annotations

from time import monotonic

from ._errors import ArgumentError, Cancelled, Timeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._engine import Engine
    from ._errors import KubeError
    from ._values import Event, Object


class Goal:
    """A state of one object that says its own name, and how far an object is from it."""

    def __init__(self, text: str, is_reached: Callable[[Object | None], bool], seen: Callable[[Object], str]) -> None:
        self._text = text
        self._is_reached = is_reached
        #: What an object says about the goal; never more of its content than that.
        self.seen: Callable[[Object], str] = seen

    def __call__(self, object: Object | None) -> bool:
        return self._is_reached(object)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<goal: {self._text}>"


def _is_deleted(object: Object | None) -> bool:
    return object is None


def _presence(object: Object) -> str:
    metadata = object.get("metadata") or {}
    text = f"it is there, resourceVersion {metadata.get('resourceVersion')}"
    if metadata.get("deletionTimestamp"):
        text += ", being deleted"
        if metadata.get("finalizers"):
            text += f", finalizers {', '.join(metadata['finalizers'])}"
    return text


#: There is no such object (any more); another one of its name that took its place counts as the deletion of the first.
deleted: Goal = Goal("deleted", _is_deleted, _presence)


def condition(type: str, status: str = "True") -> Goal:
    """`status.conditions` has this type with this status, case ignored, as with `kubectl wait --for=condition`. A condition that
    is older than the object (its observedGeneration, or that of the status, is behind metadata.generation) does not count."""

    def is_reached(object: Object | None) -> bool:
        found = _condition(object or {}, type)
        return found is not None and found["status"].casefold() == status.casefold() and not _is_outdated(object or {}, found)

    def seen(object: Object) -> str:
        found = _condition(object, type)
        if found is None:
            return f"it has no condition {type}"
        reason = f" ({found['reason']})" if isinstance(found.get("reason"), str) and found["reason"] else ""
        outdated = ", of an older generation" if _is_outdated(object, found) else ""
        return f"condition {type}={found['status']}{reason}{outdated}"

    return Goal(f"condition {type}={status}", is_reached, seen)


# kubectl, pkg/cmd/wait/condition.go: the first entry of the type that has a status decides.
def _condition(object: Object, type: str) -> dict[str, Any] | None:
    status = object.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    for one in conditions if isinstance(conditions, list) else []:
        if isinstance(one, dict) and isinstance(one.get("type"), str) and isinstance(one.get("status"), str):
            if one["type"].casefold() == type.casefold():
                return one
    return None


def _is_outdated(object: Object, condition: dict[str, Any]) -> bool:
    generation = object["metadata"].get("generation")
    observed = condition.get("observedGeneration", object["status"].get("observedGeneration"))
    return isinstance(generation, int) and isinstance(observed, int) and observed < generation


def field(pointer: str, *value: Any) -> Goal:
    """What stands at a JSON pointer (RFC 6901: "/status/phase") equals `value`; without one: something stands there that is not
    null, as with `kubectl wait --for=jsonpath`."""
    if pointer and not pointer.startswith("/"):
        raise ArgumentError(f"{pointer!r} is no JSON pointer: it must begin with \"/\"")
    if len(value) > 1:
        raise TypeError("field takes a pointer and at most one value")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]

    def find(object: Object | None) -> Any:
        found: Any = object
        for step in steps:
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            else:
                return None
        return found

    def is_reached(object: Object | None) -> bool:
        found = find(object)
        if not value:
            return found is not None
        return object is not None and found == value[0] and isinstance(found, bool) == isinstance(value[0], bool)

    def seen(object: Object) -> str:
        return f"nothing is at {pointer}" if find(object) is None else f"{pointer} is something else"

    from json import dumps

    return Goal(f"{pointer}={dumps(value[0])}" if value else pointer, is_reached, seen)


def selector(name: str) -> str:
    """The field selector of one object. ArgumentError: no object can have this name."""
    if not name or name in (".", "..") or any(one in "/%" or one < " " or one == "\x7f" for one in name):
        raise ArgumentError(f"{name!r} can't be a name")
    # apimachinery, pkg/fields EscapeValue
    return "metadata.name=" + name.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")


class Progress:
    """One `wait`: what the watch has told, how much time is left, and why it ended without the goal."""

    def __init__(self, resource: str, name: str, until: Callable[[Object | None], object], timeout: float | None) -> None:
        #: Where the object is looked for; "": it has no namespace.
        self.namespace: str = ""
        self.object: Object | None = None
        self._resource = resource
        self._name = name
        self._until = until
        self._timeout = timeout
        self._deadline = None if timeout is None else monotonic() + timeout
        # Whether the server has said if there is such an object.
        self._is_known = False
        self._relists = 0

    def is_late(self) -> bool:
        return self._deadline is not None and monotonic() >= self._deadline

    def left(self) -> float | None:
        """Seconds; a watch's time-out is never 0."""
        return None if self._deadline is None else max(0.001, self._deadline - monotonic())

    def is_reached(self, event: Event) -> bool:
        if event.type == "BOOKMARK":
            # Behind what was there at first: nothing, if nothing was told.
            is_news, self._is_known = not self._is_known, True
            if is_news:
                self.object = None
            return is_news and bool(self._until(None))
        before, self._is_known = self.object, True
        if event.type == "DELETED":
            self.object = None
            return bool(self._until(None))
        # Another object of this name: the deletion of the first was missed.
        if before is not None and before["metadata"].get("uid") != event.object["metadata"].get("uid"):
            self.object = None
            if self._until(None):
                return True
        self.object = event.object
        return bool(self._until(self.object))

    def pause(self) -> float:
        """The version was too old (Gone): the seconds to wait before listing anew. The first time none, then B1's pauses."""
        from random import uniform

        self._is_known = False
        seconds = 0.0 if self._relists == 0 else min(30.0, 0.8 * float(1 << min(self._relists - 1, 6))) * uniform(1, 2)
        self._relists += 1
        left = self.left()
        return seconds if left is None else min(seconds, left)

    def failure(self, engine: Engine, last_error: KubeError | None) -> KubeError:
        """The watch has ended, and the goal is not reached."""
        what = f"{self._resource} {self.namespace}/{self._name}" if self.namespace else f"{self._resource} {self._name}"
        if engine.is_closing or self._deadline is None:
            return Cancelled(f"the client was closed while {what} was waited for")
        goal = self._until if isinstance(self._until, Goal) else None
        if not self._is_known and self.object is None:
            seen = "the server has not said whether it is there"
        elif self.object is None:
            seen = "it is not there"
        else:
            seen = (goal.seen if goal else _presence)(self.object)
        wanted = f'"{goal}"' if goal else f"what {getattr(self._until, '__qualname__', type(self._until).__name__)} waits for"
        text = f"{what} did not come to {wanted} within {self._timeout:g} s; last seen: {seen}"
        if last_error is not None:
            text += f"; last failure: {last_error.code}: {last_error}"
        error = Timeout(text, retryable=True)
        error.__cause__ = last_error
        return error
