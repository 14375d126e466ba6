"""The options of every verb as types. For type checkers only: nothing imports this while a program runs."""

from __future__ import annotations

import os
from typing import Any, Literal, TypedDict, Union

from typing_extensions import Unpack as Unpack

PatchType = Literal["json", "merge", "strategic", "apply"]
#: The operations of a JSON patch, or an object.
Patch = Union[dict[str, Any], list[dict[str, Any]]]
DryRun = Union[bool, str, list[str]]


class _Selectors(TypedDict, total=False):
    label_selector: str | None
    field_selector: str | None


class ReadOptions(TypedDict, total=False):
    resource_version: str | None
    timeout: float | None


class GetOptions(ReadOptions, total=False):
    metadata_only: bool | None


class _PageOptions(_Selectors, total=False):
    shard_selector: str | None
    continue_: str | None
    resource_version: str | None
    resource_version_match: str | None
    timeout_seconds: int | None
    timeout: float | None


class PagesOptions(_Selectors, total=False):
    shard_selector: str | None
    metadata_only: bool | None
    resource_version: str | None
    resource_version_match: str | None
    timeout_seconds: int | None
    timeout: float | None


class ListOptions(_PageOptions, total=False):
    limit: int | None
    metadata_only: bool | None


class WriteOptions(TypedDict, total=False):
    dry_run: DryRun | None
    field_manager: str | None
    field_validation: str | None
    timeout: float | None


class PatchOptions(WriteOptions, total=False):
    force: bool | None


class ApplyOptions(TypedDict, total=False):
    dry_run: DryRun | None
    field_validation: str | None
    force: bool | None
    timeout: float | None


class ManifestOptions(ApplyOptions, total=False):
    field_manager: str | None
    namespace: str | None


class DeleteOptions(TypedDict, total=False):
    dry_run: DryRun | None
    grace_period_seconds: int | None
    propagation_policy: str | None
    orphan_dependents: bool | None
    preconditions: dict[str, str] | None
    ignore_store_read_error: bool | None
    timeout: float | None


class DeleteCollectionOptions(_PageOptions, DeleteOptions, total=False):
    limit: int | None


class RequestOptions(TypedDict, total=False):
    content_type: str | None
    accept: str | None
    query: dict[str, str | list[str]] | None
    headers: dict[str, str] | None
    timeout: float | None


class WatchOptions(_Selectors, total=False):
    resource_version: str | None
    timeout: float | None
    timeout_seconds: int | None
    max_queued: int | None


class InformerOptions(_Selectors, total=False):
    initial_list: Literal["newest", "any"] | None
    max_queued: int | None
    resync: float | None
    page_size: int | None
    keep_managed_fields: bool | None
    keep: list[str] | None
    indexes: dict[str, str] | None
    metadata_only: bool | None


class CacheListOptions(TypedDict, total=False):
    namespace: str | None
    label_selector: str | None
    index: str | None
    value: str | None


class ClientOptions(TypedDict, total=False):
    source: Literal["auto", "kubeconfig", "inCluster", "none"] | None
    kubeconfig_yaml: str | None
    context: str | None
    cluster: str | None
    user: str | None
    namespace: str | None
    server: str | None
    tls_server_name: str | None
    certificate_authority: str | None
    certificate_authority_data: str | None
    client_certificate: str | None
    client_certificate_data: str | None
    client_key: str | None
    client_key_data: str | None
    insecure_skip_tls_verify: bool | None
    token: str | None
    token_file: str | None
    username: str | None
    password: str | None
    as_: str | None
    as_uid: str | None
    as_groups: list[str] | None
    as_user_extra: dict[str, list[str]] | None
    proxy_url: str | None
    exec: str | list[str] | None
    exec_timeout: float | None
    user_agent: str | None
    timeout: float | None
    connect_timeout: float | None
    idle_timeout: float | None
    qps: float | None
    burst: float | None
    max_retries: int | None
    max_object_bytes: int | None
    http2: bool | None


Kubeconfig = Union[str, "os.PathLike[str]", None]
