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
        self.message = message
        #: The HTTP status of the answer; None: there was none.
        self.http_status = http_status
        #: The reason of the server's Status ("NotFound", "AlreadyExists", ...); "": none.
        self.reason = reason
        #: The server's whole Status; None: the answer had none.
        self.details = details
        #: Seconds that the server asks to wait; None: it does not say.
        self.retry_after = retry_after
        #: Repeating the call is safe and may help.
        self.retryable = retryable


class ArgumentError(KubeError, ValueError):
    """The call itself is wrong: bad text, an option's value, a body that disagrees with the call."""

    status, code = -1, "ARGUMENT"


class StateError(KubeError):
    """Not now. The package serialises its calls, so this is not met; it is here to be complete."""

    status, code = -2, "STATE"


class ConfigError(KubeError):
    """kubeconfig, environment or certificates: the message names file, entry and field."""

    status, code = -3, "CONFIG"


class AuthError(KubeError):
    """A credential can't be had."""

    status, code = -4, "AUTH"


class TLSError(KubeError):
    """The server's certificate or the handshake was refused."""

    status, code = -5, "TLS"


class ConnectError(KubeError, ConnectionError):
    """No connection, or it was lost."""

    status, code = -6, "CONNECT"


class ProxyError(KubeError):
    """The proxy refused or can't be reached."""

    status, code = -7, "PROXY"


class Timeout(KubeError, TimeoutError):
    """A time-out has passed."""

    status, code = -8, "TIMEOUT"


class Cancelled(KubeError):
    """The client was closed, or the informer stopped, before it was done."""

    status, code = -9, "CANCELLED"


class DecodeError(KubeError):
    """The answer is not what it should be: JSON, UTF-8, depth, size, kind."""

    status, code = -10, "DECODE"


class TypeMismatch(KubeError):
    """The answer is of another type."""

    status, code = -11, "TYPE"


class Unsupported(KubeError):
    """This version of the library can't do it, and says what."""

    status, code = -12, "UNSUPPORTED"


class MemoryShortage(KubeError):
    """Memory, descriptors or threads have run out."""

    status, code = -13, "NO_MEMORY"


class InternalError(KubeError):
    """A fault of the library or of the system below it."""

    status, code = -14, "INTERNAL"


class BadRequest(KubeError):
    """400, and other 4xx without a class of their own."""

    status, code = -101, "BAD_REQUEST"


class Unauthorized(KubeError):
    """401."""

    status, code = -102, "UNAUTHORIZED"


class Forbidden(KubeError):
    """403."""

    status, code = -103, "FORBIDDEN"


class NotFound(KubeError):
    """404, or a resource that discovery does not know."""

    status, code = -104, "NOT_FOUND"


class AlreadyExists(KubeError):
    """409, reason AlreadyExists."""

    status, code = -105, "ALREADY_EXISTS"


class Conflict(KubeError):
    """409: the object has changed meanwhile. See `Resource.update`."""

    status, code = -106, "CONFLICT"


class Gone(KubeError):
    """410: a resourceVersion or page token that is too old. List, then watch again."""

    status, code = -107, "GONE"


class Invalid(KubeError):
    """422: the object breaks the schema; `details["details"]["causes"]` names the fields."""

    status, code = -108, "INVALID"


class TooManyRequests(KubeError):
    """429."""

    status, code = -109, "TOO_MANY_REQUESTS"


class Unavailable(KubeError):
    """503 or 504."""

    status, code = -110, "UNAVAILABLE"


class ServerError(KubeError):
    """500, and other 5xx."""

    status, code = -111, "SERVER"


BY_STATUS: dict[int, type[KubeError]] = {
    kind.status: kind for kind in list(globals().values()) if isinstance(kind, type) and issubclass(kind, KubeError)
}
