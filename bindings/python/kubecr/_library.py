"""libkubecr.so: where it is found, and the functions of kubecr.h that the package calls. Loaded by the first client."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_int, c_int32, c_int64, c_size_t, c_void_p

from . import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ABI = 0
SONAME = f"libkubecr.so.{ABI}"

#: status, object, list, error, user_data
CALL_FN = ctypes.CFUNCTYPE(None, c_int32, c_void_p, c_void_p, c_void_p, c_void_p)
#: event, object, error, user_data; returns whether to stop
WATCH_FN = ctypes.CFUNCTYPE(c_int32, c_int32, c_void_p, c_void_p, c_void_p)
#: event, flags, object, old, user_data
INFORMER_FN = ctypes.CFUNCTYPE(None, c_int32, c_int32, c_void_p, c_void_p, c_void_p)
#: level, message, user_data
LOG_FN = ctypes.CFUNCTYPE(None, c_int32, c_char_p, c_void_p)

_OUT = POINTER(c_void_p)
_NO_FREE = c_void_p

# By name: result and arguments. What may take its time, or calls back, is called without the interpreter's lock.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "kcr_client_new": (c_int32, [c_void_p, c_char_p, _OUT, _OUT]),
    "kcr_client_stats": (c_int32, [c_void_p, _OUT, _OUT]),
    "kcr_client_free": (None, [c_void_p]),
    "kcr_client_fd": (c_int, [c_void_p]),
    "kcr_client_process": (c_int32, [c_void_p, _OUT]),
    "kcr_client_call": (c_int32, [c_void_p, c_char_p, CALL_FN, c_void_p, _NO_FREE, _OUT, _OUT]),
    "kcr_client_watch": (c_int32, [c_void_p, c_char_p, c_char_p, c_char_p, WATCH_FN, c_void_p, _NO_FREE, _OUT, _OUT]),
    "kcr_log_set": (None, [c_int32, LOG_FN, c_void_p, _NO_FREE]),
    "kcr_list_from_yaml": (c_int32, [c_char_p, c_size_t, _OUT, _OUT]),
    "kcr_config_load": (c_int32, [c_char_p, _OUT, _OUT]),
    "kcr_config_free": (None, [c_void_p]),
    "kcr_call_cancel": (None, [c_void_p]),
    "kcr_call_free": (None, [c_void_p]),
    "kcr_watch_stop": (None, [c_void_p]),
    "kcr_watch_free": (None, [c_void_p]),
    "kcr_informer_new": (c_int32, [c_void_p, c_char_p, c_char_p, c_char_p, _OUT, _OUT]),
    "kcr_informer_add_handler": (c_int32, [c_void_p, INFORMER_FN, c_void_p, _NO_FREE, _OUT, _OUT]),
    "kcr_informer_start": (c_int32, [c_void_p, _OUT]),
    "kcr_informer_stop": (None, [c_void_p]),
    "kcr_informer_free": (None, [c_void_p]),
    "kcr_handler_free": (None, [c_void_p]),
    "kcr_informer_list": (c_int32, [c_void_p, c_char_p, _OUT, _OUT]),
}
# Short reads: giving the interpreter's lock away would cost more than they do.
_READS: dict[str, tuple[Any, list[Any]]] = {
    "kcr_version": (c_char_p, []),
    "kcr_abi": (c_int32, []),
    "kcr_error_status": (c_int32, [c_void_p]),
    "kcr_error_message": (c_char_p, [c_void_p]),
    "kcr_error_http_status": (c_int32, [c_void_p]),
    "kcr_error_reason": (c_char_p, [c_void_p]),
    "kcr_error_status_json": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "kcr_error_retry_after_ms": (c_int64, [c_void_p]),
    "kcr_error_is_retryable": (c_int32, [c_void_p]),
    "kcr_error_free": (None, [c_void_p]),
    "kcr_object_json": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "kcr_object_is_partial": (c_int32, [c_void_p]),
    "kcr_object_key": (c_char_p, [c_void_p]),
    "kcr_object_resource_version": (c_char_p, [c_void_p]),
    "kcr_object_free": (None, [c_void_p]),
    "kcr_list_count": (c_size_t, [c_void_p]),
    "kcr_list_at": (c_void_p, [c_void_p, c_size_t]),
    "kcr_list_resource_version": (c_char_p, [c_void_p]),
    "kcr_list_continue": (c_char_p, [c_void_p]),
    "kcr_list_free": (None, [c_void_p]),
    "kcr_config_json": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "kcr_informer_get": (c_int32, [c_void_p, c_char_p, _OUT, _OUT]),
    "kcr_informer_has_synced": (c_int32, [c_void_p]),
    "kcr_informer_count": (c_size_t, [c_void_p]),
    "kcr_informer_staleness_ms": (c_int64, [c_void_p]),
    "kcr_informer_last_error": (c_void_p, [c_void_p]),
    "kcr_informer_stats": (c_int32, [c_void_p, _OUT, _OUT]),
}


class Library:
    """The loaded library; its functions are attributes, each bound when it is used first."""

    def __init__(self, shared: ctypes.CDLL) -> None:
        self._shared = shared
        self._reads = ctypes.PyDLL(shared._name, handle=shared._handle)

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._reads if name in _READS else self._shared, name)
        function.restype, function.argtypes = _READS.get(name) or _FUNCTIONS[name]
        setattr(self, name, function)
        return function


_loaded: Library | None = None


def load() -> Library:
    """Finds and loads the library, once. ImportError: names what was tried."""
    global _loaded
    if _loaded is None:
        shared = _find()
        abi = shared.kcr_abi()
        if abi != ABI:
            raise ImportError(f"{shared._name} has ABI {abi}; this package needs {ABI}")
        _loaded = Library(shared)
    return _loaded


def _find() -> ctypes.CDLL:
    given = os.environ.get("KUBECR_LIBRARY")
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), SONAME)
    tried = []
    for candidate in [given] if given else [beside, SONAME]:
        try:
            return ctypes.CDLL(candidate)
        except OSError as error:
            tried.append(f"{candidate} ({error})")
    how = "KUBECR_LIBRARY" if given else "set KUBECR_LIBRARY to its path, or install it where the loader looks"
    raise ImportError(f"libkubecr can't be loaded; tried {'; '.join(tried)}: {how}")


def library_version() -> str:
    """The version of libkubecr.so, which is loaded by this."""
    return text(load().kcr_version())


def text(value: bytes | None) -> str:
    return str(value or b"", "utf-8")


def json_text(read: Any, handle: int | None) -> str | None:
    """The JSON of an object, an error or a config; `read` is the function that knows where it stands."""
    length = c_size_t()
    pointer = read(handle, ctypes.byref(length))
    return None if pointer is None else str(ctypes.string_at(pointer, length.value), "utf-8")


def error_of(handle: int | None, *, free: bool) -> _errors.KubeError:
    """The exception for a kcr_error; `free`: it is ours."""
    from json import loads

    lib = load()
    status = json_text(lib.kcr_error_status_json, handle)
    kind = _errors.BY_STATUS.get(lib.kcr_error_status(handle), _errors.KubeError)
    retry_after_ms = lib.kcr_error_retry_after_ms(handle)
    error = kind(
        text(lib.kcr_error_message(handle)),
        http_status=lib.kcr_error_http_status(handle) or None,
        reason=text(lib.kcr_error_reason(handle)),
        details=None if status is None else loads(status),
        retry_after=None if retry_after_ms < 0 else retry_after_ms / 1000,
        retryable=lib.kcr_error_is_retryable(handle) == 1,
    )
    if free:
        lib.kcr_error_free(handle)
    return error


def take(function: Any, *arguments: Any) -> int:
    """Calls a function whose last two arguments are output and error; gives the output, raises the error."""
    out, error = c_void_p(), c_void_p()
    if function(*arguments, ctypes.byref(out), ctypes.byref(error)) != 0:
        raise error_of(error.value, free=True)
    return out.value or 0
