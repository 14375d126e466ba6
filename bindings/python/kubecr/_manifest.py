"""Manifests: YAML or JSON with one object or many, as text, as bytes, in a file, or as objects."""

from __future__ import annotations

import os

from ._errors import ArgumentError
from ._library import load, take
from ._options import encode
from ._values import PartialObject, list_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, List, Union

    from ._engine import Request
    from ._values import Object

    #: Text or bytes; or a file by its path (pathlib.Path, not str).
    ManifestText = Union[str, bytes, os.PathLike[str]]
    #: The same, or an object, or a list of objects.
    Manifest = Union[ManifestText, Object, List[Object]]


def parse_manifest(manifest: ManifestText) -> list[Object]:
    """The objects of a manifest, in its order: many documents, lists taken apart, YAML 1.1 as kubectl reads it. Nothing is asked of
    a server. DecodeError names the document, the line and what is wrong."""
    lib, content = load(), _content(manifest)
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    handle = take(lib.kcr_list_from_yaml, content, len(content))
    try:
        return list(list_of(handle))
    finally:
        lib.kcr_list_free(handle)


def _content(manifest: ManifestText) -> str | bytes:
    if isinstance(manifest, (str, bytes)):
        return manifest
    with open(manifest, "rb") as file:
        return file.read()


def apply_request(manifest: Manifest, options: Mapping[str, Any]) -> Request:
    return {"verb": "apply", "body": _body(manifest), "options": encode("apply", options)}


def _body(manifest: Manifest) -> Any:
    if isinstance(manifest, PartialObject):
        raise ArgumentError(PartialObject.REFUSAL)
    if isinstance(manifest, dict):
        return manifest
    if isinstance(manifest, (list, tuple)):
        if any(isinstance(one, PartialObject) for one in manifest):
            raise ArgumentError(PartialObject.REFUSAL)
        return {"apiVersion": "v1", "kind": "List", "items": list(manifest)}
    if not isinstance(manifest, (str, bytes, os.PathLike)):
        raise TypeError(f"a manifest is text, bytes, a path, an object or a list of objects, not {type(manifest).__name__}")
    content = _content(manifest)
    if isinstance(content, str):
        return content
    try:
        # A byte order mark says what it is.
        return str(content, "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError as error:
        raise ArgumentError(f"the manifest is no text: {error.reason} at byte {error.start}") from None
