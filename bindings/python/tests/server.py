"""A small API server in this process: Projects in memory, over plain HTTP. What a test wants broken, it breaks by hand."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

GROUP = "example.sealyun.com"
ROOT = f"/apis/{GROUP}/v1alpha1"
PROJECTS = f"{GROUP}/v1alpha1/projects"


class Refused(Exception):
    def __init__(self, code: int, reason: str, message: str, headers: dict | None = None) -> None:
        super().__init__(message)
        self.code, self.headers = code, headers or {}
        self.status = {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason,
            "details": {"kind": "projects"}, "code": code,
        }  # fmt: skip


class Server:
    """`with Server() as server:` Clients find it by `server.options`."""

    def __init__(self) -> None:
        self.news = threading.Condition()
        self.objects: dict[str, dict] = {}
        self.history: list[tuple[int, str, dict]] = []
        self.version = 100
        self.requests: list[str] = []
        #: What the next requests get instead of an answer: (method, start of the path) to a Refused, or to None for silence.
        self.broken: dict[tuple[str, str], Refused | None] = {}
        self.is_over = False

    def __enter__(self) -> Server:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"server_": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.options = {"source": "none", "server": self.url, "qps": 0}
        return self

    def __exit__(self, *_: object) -> None:
        with self.news:
            self.is_over = True
            self.news.notify_all()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def wait_for(self, condition, seconds: float = 10) -> None:
        with self.news:
            assert self.news.wait_for(condition, seconds), f"not within {seconds} s; requests: {self.requests[-10:]}"

    def put(self, name: str, replicas: int = 1, **more: object) -> dict:
        """Makes or changes a project, as another client would."""
        with self.news:
            key = f"default/{name}"
            old = self.objects.get(key)
            metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}", **more}
            return self.store({"metadata": metadata, "spec": {"replicas": replicas}}, "ADDED" if old is None else "MODIFIED")

    def store(self, project: dict, event: str) -> dict:
        self.version += 1
        project = {"apiVersion": f"{GROUP}/v1alpha1", "kind": "Project", **project}
        project["metadata"] = {**project["metadata"], "resourceVersion": str(self.version)}
        key = f"{project['metadata']['namespace']}/{project['metadata']['name']}"
        if event == "DELETED":
            del self.objects[key]
        else:
            self.objects[key] = project
        self.history.append((self.version, event, project))
        self.news.notify_all()
        return project

    def remove(self, name: str) -> None:
        with self.news:
            self.store(self.objects[f"default/{name}"], "DELETED")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_: Server

    def log_message(self, *_: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True  # the client has gone

    def _answer(self) -> None:
        server = self.server_
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        with server.news:
            server.requests.append(f"{self.command} {self.path}")
            server.news.notify_all()
            try:
                for (method, start), refused in server.broken.items():
                    if self.command == method and url.path.startswith(start):
                        if refused is not None:
                            raise refused
                        server.news.wait_for(lambda: server.is_over)
                        self.close_connection = True
                        return
                if query.get("watch") in ("1", "true"):
                    return self._watch(unquote(url.path), query)
                answer = self._verb(unquote(url.path), query, body)
                if "as=PartialObjectMetadata" in self.headers.get("Accept", ""):
                    answer = partial(answer)
                code, headers = (201 if self.command == "POST" else 200), {}
            except Refused as refused:
                answer, code, headers = refused.status, refused.code, refused.headers
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain" if isinstance(answer, bytes) else "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _verb(self, path: str, query: dict, body: bytes) -> object:
        server, parts = self.server_, path.strip("/").split("/")
        if path in DOCUMENTS:
            return DOCUMENTS[path]
        if path.startswith(ROOT) and parts[-1] == "projects":
            return self._collection(query, body, parts[4] if "namespaces" in parts else "")
        if not path.startswith(f"{ROOT}/namespaces/"):
            raise Refused(404, "NotFound", f"there is no {path}")
        key = f"{parts[4]}/{parts[6]}"
        project = server.objects.get(key)
        if "apply-patch" in (self.headers.get("Content-Type") or ""):
            return self._apply(key, project, json.loads(body), query)
        if project is None:
            raise Refused(404, "NotFound", f'projects.{GROUP} "{parts[6]}" not found')
        if self.command == "GET":
            return project
        if self.command == "DELETE":
            server.store(project, "DELETED")
            return {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        change = json.loads(body)
        if self.command == "PUT":
            if change["metadata"].get("resourceVersion") != project["metadata"]["resourceVersion"]:
                raise Refused(409, "Conflict", "the object has been modified")
            return server.store(change, "MODIFIED")
        merged = dict(project)
        for field, value in change.items():
            merged[field] = {**(merged.get(field) or {}), **value}
        return server.store(merged, "MODIFIED")

    def _apply(self, key: str, project: dict | None, change: dict, query: dict) -> object:
        """The fields of an object are its first manager's."""
        server, manager = self.server_, query["fieldManager"]
        owner = (project or {}).get("owner", manager)
        if owner != manager and "force" not in query:
            raise Refused(409, "Conflict", f'Apply failed with 1 conflict: conflict with "{owner}": .spec.replicas')
        namespace, name = key.split("/")
        metadata = {**change["metadata"], "namespace": namespace, "uid": f"uid-{name}"}
        return server.store({**change, "metadata": metadata, "owner": manager}, "ADDED" if project is None else "MODIFIED")

    def _collection(self, query: dict, body: bytes, namespace: str) -> object:
        server = self.server_
        if self.command == "POST":
            project = json.loads(body)
            key = f"{namespace}/{project['metadata']['name']}"
            if key in server.objects:
                raise Refused(409, "AlreadyExists", f"{key} already exists")
            if project["spec"]["replicas"] < 1:
                raise Refused(422, "Invalid", "spec.replicas: should be at least 1")
            project["metadata"].update(namespace=namespace, uid=f"uid-{key}")
            return server.store(project, "ADDED")
        found = [server.objects[key] for key in sorted(server.objects) if key.startswith(namespace)]
        if query.get("fieldSelector"):
            wanted = query["fieldSelector"].partition("=")[2]
            found = [project for project in found if project["metadata"]["name"] == wanted]
        begin, limit = int(query.get("continue") or 0), int(query.get("limit") or 1000)
        metadata = {"resourceVersion": str(server.version)}
        if begin + limit < len(found):
            metadata["continue"] = str(begin + limit)
        if self.command == "DELETE":
            for project in found:
                server.store(project, "DELETED")
        return {"apiVersion": f"{GROUP}/v1alpha1", "kind": "ProjectList", "metadata": metadata, "items": found[begin : begin + limit]}

    def _watch(self, path: str, query: dict) -> None:
        """Under the condition, which is left while it waits and writes."""
        if "sendInitialEvents" in query:
            raise Refused(422, "Invalid", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled")
        server, version = self.server_, int(query["resourceVersion"])
        if version < 100:
            raise Refused(410, "Expired", "too old resource version")
        wanted = query.get("fieldSelector", "").partition("=")[2]
        deadline = time.monotonic() + int(query.get("timeoutSeconds") or 3600)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not server.is_over and time.monotonic() < deadline:
            for at, event, project in [one for one in server.history if one[0] > version]:
                version = at
                if not wanted or project["metadata"]["name"] == wanted:
                    project = partial(project) if "as=PartialObjectMetadata" in self.headers.get("Accept", "") else project
                    self._chunk(json.dumps({"type": event, "object": project}).encode() + b"\n")
            server.news.wait(min(1, max(0, deadline - time.monotonic())))
        self._chunk(b"")

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))


def partial(answer: dict) -> dict:
    """As PartialObjectMetadata; the items of a list leave their kind to it."""
    type_ = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata"}
    if "items" not in answer:
        return {**type_, "metadata": answer["metadata"]}
    items = [{"metadata": one["metadata"]} for one in answer["items"]]
    return {**type_, "kind": "PartialObjectMetadataList", "metadata": answer["metadata"], "items": items}


def _resources(*resources: dict) -> dict:
    return {"kind": "APIResourceList", "apiVersion": "v1", "resources": list(resources)}


_VERSION = {"groupVersion": f"{GROUP}/v1alpha1", "version": "v1alpha1"}
_VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
DOCUMENTS: dict[str, object] = {
    "/version": {"gitVersion": "v1.99.0"},
    **{f"/bytes/{length}": bytes(range(256 - length, 256)) for length in (0, 1, 2, 3, 4, 256)},
    "/text": b"plain text, \xff\x00 and bytes",
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/api/v1": {**_resources(), "groupVersion": "v1"},
    "/apis": {
        "kind": "APIGroupList", "apiVersion": "v1",
        "groups": [{"name": GROUP, "versions": [_VERSION], "preferredVersion": _VERSION}],
    },
    ROOT: {
        **_resources(
            {
                "name": "projects", "singularName": "project", "namespaced": True, "kind": "Project", "shortNames": ["proj"],
                "verbs": _VERBS,
            },
            {"name": "projects/status", "singularName": "", "namespaced": True, "kind": "Project", "verbs": ["get", "patch", "update"]},
        ),
        "groupVersion": f"{GROUP}/v1alpha1",
    },
}  # fmt: skip
