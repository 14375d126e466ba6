"""The options of every verb: how Python spells them, and what the library is told. One place for a new one."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _dry_run(value: bool | str | list[str]) -> str | list[str]:
    if isinstance(value, bool):
        return ["All"] if value else []
    return value


def _key(name: str) -> str:
    """label_selector is labelSelector, continue_ is continue."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


# Those whose name or value is not said by the rule of `_key`.
_SPECIAL: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
    "timeout": ("timeoutMs", _milliseconds),
    "connect_timeout": ("connectTimeoutMs", _milliseconds),
    "idle_timeout": ("idleMs", _milliseconds),
    "exec_timeout": ("execTimeoutMs", _milliseconds),
    "resync": ("resyncMs", _milliseconds),
    "dry_run": ("dryRun", _dry_run),
    "kubeconfig": ("kubeconfig", os.fspath),
    "kubeconfig_yaml": ("kubeconfigYAML", None),
    "insecure_skip_tls_verify": ("insecureSkipTLSVerify", None),
    "proxy_url": ("proxyURL", None),
    "ignore_store_read_error": ("ignoreStoreReadErrorWithClusterBreakingPotential", None),
}

_SELECT = "label_selector field_selector"
_PAGE = f"{_SELECT} shard_selector limit continue_ resource_version resource_version_match timeout_seconds"
_WRITE = "dry_run field_manager field_validation timeout"
_DELETE = (
    "dry_run grace_period_seconds propagation_policy orphan_dependents preconditions ignore_store_read_error timeout"
)

_VERBS: dict[str, frozenset[str]] = {
    verb: frozenset(names.split())
    for verb, names in {
        "config": "source kubeconfig kubeconfig_yaml context cluster user namespace server tls_server_name"
        " certificate_authority certificate_authority_data client_certificate client_certificate_data client_key"
        " client_key_data insecure_skip_tls_verify token token_file username password as_ as_uid as_groups as_user_extra"
        " proxy_url exec exec_timeout",
        "client": "user_agent timeout connect_timeout idle_timeout qps burst max_retries max_object_bytes http2",
        "get": "resource_version metadata_only timeout",
        "list": f"{_PAGE} metadata_only timeout",
        "create": _WRITE,
        "replace": _WRITE,
        "patch": f"{_WRITE} force",
        "apply": f"{_WRITE} force namespace",
        "delete": _DELETE,
        "deleteCollection": f"{_DELETE} {_PAGE}",
        "discover": "timeout",
        "request": "content_type accept query headers timeout",
        "watch": f"{_SELECT} resource_version timeout timeout_seconds max_queued",
        "informer": f"{_SELECT} initial_list max_queued resync page_size keep_managed_fields keep indexes metadata_only",
        "informer list": "namespace label_selector index value",
    }.items()
}


def names(verb: str) -> frozenset[str]:
    return _VERBS[verb]


def encode(verb: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the library is told. None is "not given"; a name that the verb does not have is a TypeError."""
    known = _VERBS[verb]
    encoded = {}
    for name, value in options.items():
        if name not in known:
            raise TypeError(f"{verb} has no option {name!r}")
        if value is not None:
            key, convert = _SPECIAL.get(name) or (_key(name), None)
            encoded[key] = convert(value) if convert else value
    return encoded
