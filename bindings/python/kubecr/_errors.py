"""What can fail: one exception for each status of kubecr.h, all of them KubeErrors."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class KubeError(Exception):
    """A call that failed. `str()` is one line: what failed, where, and the server's own words; never a secret."""

    #: The number in kubecr.h.
    status: int = 0
    #: The name in kubecr.h without KCR_ERR_: "NOT_FOUND".
    code: str = "UNKNOWN"

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        reason: str = "",
        details: dict[str, Any] | None = None,
        retry_after: float | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message: str = message
        #: The HTTP status of the answer; None: there was none.
        self.http_status: int | None = http_status
        #: The reason of the server's Status ("NotFound", "AlreadyExists", ...); "": none.
        self.reason: str = reason
        #: The server's whole Status; None: the answer had none.
        self.details: dict[str, Any] | None = details
        #: Seconds that the server asks to wait; None: it does not say.
        self.retry_after: float | None = retry_after
        #: Repeating the call is safe and may help.
        self.retryable: bool = retryable


class ArgumentError(KubeError, ValueError):
    """The call itself is wrong: bad text, an option's value, a body that disagrees with the call."""

    status: int = -1
    code: str = "ARGUMENT"


class StateError(KubeError):
    """Not now. The package serialises its calls, so this is not met; it is here to be complete."""

    status: int = -2
    code: str = "STATE"


class ConfigError(KubeError):
    """kubeconfig, environment or certificates: the message names file, entry and field."""

    status: int = -3
    code: str = "CONFIG"


class AuthError(KubeError):
    """A credential can't be had."""

    status: int = -4
    code: str = "AUTH"


class TLSError(KubeError):
    """The server's certificate or the handshake was refused."""

    status: int = -5
    code: str = "TLS"


class ConnectError(KubeError, ConnectionError):
    """No connection, or it was lost."""

    status: int = -6
    code: str = "CONNECT"


class ProxyError(KubeError):
    """The proxy refused or can't be reached."""

    status: int = -7
    code: str = "PROXY"


class Timeout(KubeError, TimeoutError):
    """A time-out has passed."""

    status: int = -8
    code: str = "TIMEOUT"


class Cancelled(KubeError):
    """The client was closed, or the informer stopped, before it was done."""

    status: int = -9
    code: str = "CANCELLED"


class DecodeError(KubeError):
    """The answer is not what it should be: JSON, UTF-8, depth, size, kind."""

    status: int = -10
    code: str = "DECODE"


class TypeMismatch(KubeError):
    """The answer is of another type."""

    status: int = -11
    code: str = "TYPE"


class Unsupported(KubeError):
    """This version of the library can't do it, and says what."""

    status: int = -12
    code: str = "UNSUPPORTED"


class MemoryShortage(KubeError):
    """Memory, descriptors or threads have run out."""

    status: int = -13
    code: str = "NO_MEMORY"


class InternalError(KubeError):
    """A fault of the library or of the system below it."""

    status: int = -14
    code: str = "INTERNAL"


class BadRequest(KubeError):
    """400, and other 4xx without a class of their own."""

    status: int = -101
    code: str = "BAD_REQUEST"


class Unauthorized(KubeError):
    """401."""

    status: int = -102
    code: str = "UNAUTHORIZED"


class Forbidden(KubeError):
    """403."""

    status: int = -103
    code: str = "FORBIDDEN"


class NotFound(KubeError):
    """404, or a resource that discovery does not know."""

    status: int = -104
    code: str = "NOT_FOUND"


class AlreadyExists(KubeError):
    """409, reason AlreadyExists."""

    status: int = -105
    code: str = "ALREADY_EXISTS"


class Conflict(KubeError):
    """409: the object has changed meanwhile. See `Resource.update`."""

    status: int = -106
    code: str = "CONFLICT"


class Gone(KubeError):
    """410: a resourceVersion or page token that is too old. List, then watch again."""

    status: int = -107
    code: str = "GONE"


class Invalid(KubeError):
    """422: the object breaks the schema; `details["details"]["causes"]` names the fields."""

    status: int = -108
    code: str = "INVALID"


class TooManyRequests(KubeError):
    """429."""

    status: int = -109
    code: str = "TOO_MANY_REQUESTS"


class Unavailable(KubeError):
    """503 or 504."""

    status: int = -110
    code: str = "UNAVAILABLE"


class ServerError(KubeError):
    """500, and other 5xx."""

    status: int = -111
    code: str = "SERVER"


BY_STATUS: dict[int, type[KubeError]] = {
    kind.status: kind for kind in list(globals().values()) if isinstance(kind, type) and issubclass(kind, KubeError)
}
