"""The Kubernetes client of KubeCR: get, list, watch, cache and change any resource, custom ones above all.

    import kubecr

    with kubecr.Client() as client:
        for project in client.resource("projects.example.sealyun.com").list():
            print(project["metadata"]["name"])

Objects are plain dicts. Nothing is loaded before it is used: neither libkubecr.so nor ctypes nor asyncio.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._asyncio import AsyncClient as AsyncClient
    from ._asyncio import AsyncInformer as AsyncInformer
    from ._asyncio import AsyncResource as AsyncResource
    from ._asyncio import AsyncWatch as AsyncWatch
    from ._client import Client as Client
    from ._errors import AlreadyExists as AlreadyExists
    from ._errors import ArgumentError as ArgumentError
    from ._errors import AuthError as AuthError
    from ._errors import BadRequest as BadRequest
    from ._errors import Cancelled as Cancelled
    from ._errors import ConfigError as ConfigError
    from ._errors import Conflict as Conflict
    from ._errors import ConnectError as ConnectError
    from ._errors import DecodeError as DecodeError
    from ._errors import Forbidden as Forbidden
    from ._errors import Gone as Gone
    from ._errors import InternalError as InternalError
    from ._errors import Invalid as Invalid
    from ._errors import KubeError as KubeError
    from ._errors import MemoryShortage as MemoryShortage
    from ._errors import NotFound as NotFound
    from ._errors import ProxyError as ProxyError
    from ._errors import ServerError as ServerError
    from ._errors import StateError as StateError
    from ._errors import Timeout as Timeout
    from ._errors import TLSError as TLSError
    from ._errors import TooManyRequests as TooManyRequests
    from ._errors import TypeMismatch as TypeMismatch
    from ._errors import Unauthorized as Unauthorized
    from ._errors import Unavailable as Unavailable
    from ._errors import Unsupported as Unsupported
    from ._informer import Informer as Informer
    from ._library import library_version as library_version
    from ._log import log_to as log_to
    from ._manifest import parse_manifest as parse_manifest
    from ._resource import Resource as Resource
    from ._values import Change as Change
    from ._values import Event as Event
    from ._values import Object as Object
    from ._values import ObjectList as ObjectList
    from ._values import PartialObject as PartialObject
    from ._wait import condition as condition
    from ._wait import deleted as deleted
    from ._wait import field as field
    from ._watch import Watch as Watch

__version__ = "0.1.0"

_WHERE = {
    "_asyncio": "AsyncClient AsyncInformer AsyncResource AsyncWatch",
    "_client": "Client",
    "_errors": "AlreadyExists ArgumentError AuthError BadRequest Cancelled ConfigError Conflict ConnectError DecodeError"
    " Forbidden Gone InternalError Invalid KubeError MemoryShortage NotFound ProxyError ServerError StateError TLSError Timeout"
    " TooManyRequests TypeMismatch Unauthorized Unavailable Unsupported",
    "_informer": "Informer",
    "_library": "library_version",
    "_log": "log_to",
    "_manifest": "parse_manifest",
    "_resource": "Resource",
    "_values": "Change Event Object ObjectList PartialObject",
    "_wait": "condition deleted field",
    "_watch": "Watch",
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names.split()}

__all__ = [
    "AlreadyExists", "ArgumentError", "AsyncClient", "AsyncInformer", "AsyncResource", "AsyncWatch", "AuthError", "BadRequest",
    "Cancelled", "Change", "Client", "ConfigError", "Conflict", "ConnectError", "DecodeError", "Event", "Forbidden", "Gone",
    "Informer", "InternalError", "Invalid", "KubeError", "MemoryShortage", "NotFound", "Object", "ObjectList", "PartialObject",
    "ProxyError", "Resource", "ServerError", "StateError", "TLSError", "Timeout", "TooManyRequests", "TypeMismatch", "Unauthorized",
    "Unavailable", "Unsupported", "Watch", "condition", "deleted", "field", "library_version", "log_to",
    "parse_manifest",
]  # fmt: skip


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'kubecr' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"kubecr.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
