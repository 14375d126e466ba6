"""The library's log, handed on to a logger or a function. Silent until `log_to` is called; it is the log of the whole process.

The library's callback calls nothing of the library and waits for nobody: it only puts down the message. `tell` hands on what is
put down, and is called by whoever drives a client when he holds no lock: so a target may take its time, and use the client.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from typing import Any, Union

    #: A logger (or an adapter of one), or a function of a level as logging has it and a line.
    Target = Union[logging.Logger, "logging.LoggerAdapter[Any]", Callable[[int, str], object]]

_pending: deque[tuple[int, bytes]] = deque()
_telling = allocate_lock()
_write: Callable[[int, str], object] | None = None
# What the library has been given, which must live as long as it may call it.
_callback: Any = None

# logging's level for each of kubecr.h: error, warn, info, debug.
_NUMBERS = (40, 30, 20, 10)
_NAMES = {"ERROR": 40, "WARNING": 30, "INFO": 20, "DEBUG": 10}


def _on_log(level: int, message: bytes, _user_data: object) -> None:
    _pending.append((level, message))


def log_to(target: Target | None, level: int | str | None = None) -> None:
    """Sends what the library says of its work (reconnects, retries, what it skips, the server's warnings) to a logger, or to a
    function that is called with a level of the module logging and one line: never a token, a key or a body. None: to nobody.

    `level`: the least that is told, as number or name ("WARNING", logging.DEBUG); without one a logger's own, else "INFO". It is
    told on the thread that drives the client, while it drives: an AsyncClient's in its event loop, so a slow target is slow there.
    What a function raises goes to the logger "kubecr"."""
    global _write, _callback
    write: Any = target
    least: Any = level
    if isinstance(level, str):
        least = _NAMES.get(level.upper())
        if least is None:
            raise ValueError(f"{level!r} is no level; they are {', '.join(_NAMES)}")
    if hasattr(write, "log"):
        least = write.getEffectiveLevel() if least is None else least
        write = write.log
    elif write is not None and not callable(write):
        raise TypeError("target is neither a logger nor a function")
    least = 20 if least is None else least
    from ._library import LOG_FN, load

    before = _callback
    callback = LOG_FN() if target is None else before or LOG_FN(_on_log)
    _write = write
    load().kcr_log_set(sum(number >= least for number in _NUMBERS), callback, None, None)
    _callback = None if target is None else callback
    if target is None:
        _pending.clear()


def is_on() -> bool:
    return _callback is not None


def has_news() -> bool:
    """Something is to be told, and nobody is about it."""
    return bool(_pending) and not _telling.locked()


def tell() -> None:
    """Hands on what has been said. One thread at a time: what comes meanwhile is told by the one who is about it."""
    while _pending and _telling.acquire(False):
        try:
            for level, message in iter(_next, None):
                write = _write
                if write is not None:
                    write(_NUMBERS[min(max(level, 1), 4) - 1], str(message, "utf-8", "replace"))
        except Exception:
            from logging import getLogger

            getLogger("kubecr").exception("the target of kubecr.log_to failed")
        finally:
            _telling.release()


def _next() -> tuple[int, bytes] | None:
    try:
        return _pending.popleft()
    except IndexError:
        return None


def end() -> None:
    """The interpreter leaves: what was said is told, and nothing more."""
    if is_on():
        tell()
        log_to(None)
