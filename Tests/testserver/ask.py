"""Asks an API server the questions of this file and prints its answers, without what differs by nature from server to
server: uids, revisions, times, managedFields. Two servers that behave alike print the same.

    ask.py [NAME...]      only the questions whose name holds one of these; needs the KUBECR_REAL_* variables
"""
import http.client
import json
import os
import re
import ssl
import sys
from urllib.parse import urlsplit

DIR = os.environ["KUBECR_REAL_DIR"]
SERVER = urlsplit(os.environ["KUBECR_REAL_SERVER"])
TOKENS = {user: open(f"{DIR}/pki/{user}.token").read().strip() for user in ("admin", "readonly", "denied")}
TOKENS["bad"] = "a-token-that-nobody-knows"

GROUP = "/apis/example.sealyun.com/v1alpha1"
PROJECTS = GROUP + "/namespaces/default/projects"
MACHINES = "/apis/infra.sealyun.com/v1/namespaces/default/virtulmachines"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
JSON, YAML = "application/json", "application/yaml"
MERGE, PATCH, APPLY = "application/merge-patch+json", "application/json-patch+json", "application/apply-patch+yaml"
saved = {}


def project(name, replicas=1, **metadata):
    metadata["name"] = name
    return {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", "metadata": metadata, "spec": {"replicas": replicas}}


def changed(value, **changes):
    """A copy with members put in; None takes one out."""
    value = json.loads(json.dumps(value))
    for key, change in changes.items():
        *path, last = key.split("__")
        inner = value
        for step in path:
            inner = inner.setdefault(step, {})
        if change is None:
            inner.pop(last, None)
        else:
            inner[last] = change
    return value


def crd(plural="things", group="test.kubecr.io", schema=None, **changes):
    schema = schema or {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    value = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": {"plural": plural, "singular": plural[:-1], "kind": plural[:-1].title()},
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]},
    }
    return changed(value, **changes)


SCHEMA = {
    "type": "object",
    "properties": {"spec": {"type": "object", "required": ["size"], "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "color": {"type": "string", "enum": ["red", "green"], "default": "green"},
        "name": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
        "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "nodes": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "port": {"x-kubernetes-int-or-string": True},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "maybe": {"type": "string", "nullable": True},
        "flag": {"type": "boolean"}, "ratio": {"type": "number", "exclusiveMinimum": True, "minimum": 0},
    }}},
}
THINGS = "/apis/test.kubecr.io/v1/namespaces/default/things"


def thing(called, **spec):
    return {"apiVersion": "test.kubecr.io/v1", "kind": "Thing", "metadata": {"name": called}, "spec": {"size": 1, **spec}}


def questions():
    """name, method, path, body, content type, and more as keywords."""
    def q(name, method, path, body=None, kind=None, **more):
        return name, method, path, body, kind or (JSON if body is not None else None), more

    yield q("discovery of the group", "GET", GROUP)
    yield q("discovery of a group's versions", "GET", "/apis/example.sealyun.com")
    yield q("no such group", "GET", "/apis/no.such.group/v1")
    yield q("no such version", "GET", "/apis/example.sealyun.com/v9")
    yield q("no such group's resource", "GET", "/apis/no.such.group/v1/things")
    yield q("no such resource", "GET", GROUP + "/unknowns")
    yield q("no such resource in a namespace", "GET", GROUP + "/namespaces/default/unknowns/a")
    yield q("no such path", "GET", "/nothing/here")
    yield q("no such subresource", "GET", PROJECTS + "/example-project/log")
    yield q("aggregated v2", "GET", "/apis", accept="application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", only="example.sealyun.com")

    yield q("bad token", "GET", PROJECTS, user="bad")
    yield q("no token", "GET", PROJECTS, user=None)
    yield q("no token on a path", "GET", "/apis", user=None)
    yield q("denied list", "GET", PROJECTS, user="denied")
    yield q("denied list everywhere", "GET", GROUP + "/projects", user="denied")
    yield q("denied get", "GET", PROJECTS + "/a", user="denied")
    yield q("denied status", "GET", PROJECTS + "/a/status", user="denied")
    yield q("denied watch", "GET", PROJECTS + "?watch=1", user="denied")
    yield q("denied delete of all", "DELETE", PROJECTS, user="denied")
    yield q("denied unknown resource", "GET", GROUP + "/unknowns", user="denied")
    yield q("reader's create", "POST", PROJECTS, project("no"), user="readonly")
    yield q("reader's delete", "DELETE", PROJECTS + "/example-project", user="readonly")
    yield q("reader's get", "GET", PROJECTS + "/example-project", user="readonly")

    yield q("absent", "GET", PROJECTS + "/absent")
    yield q("absent delete", "DELETE", PROJECTS + "/absent")
    yield q("absent put", "PUT", PROJECTS + "/absent", project("absent", resourceVersion="5"))
    yield q("absent patch", "PATCH", PROJECTS + "/absent", {"spec": {"replicas": 2}}, MERGE)
    yield q("create", "POST", PROJECTS, project("one"), save="one")
    yield q("create again", "POST", PROJECTS, project("one"))
    yield q("create invalid", "POST", PROJECTS, project("two", 0))
    yield q("create without spec", "POST", PROJECTS, changed(project("two"), spec=None))
    yield q("create without replicas", "POST", PROJECTS, changed(project("two"), spec__replicas=None))
    yield q("create null replicas", "POST", PROJECTS, changed(project("two"), spec={"replicas": None}))
    yield q("create too many replicas", "POST", PROJECTS, project("two", 9007199254740993))
    yield q("create two faults", "POST", PROJECTS, changed(project("Two_"), spec__replicas=0))
    yield q("create without name", "POST", PROJECTS, changed(project("x"), metadata={}))
    yield q("create bad name", "POST", PROJECTS, project("Bad_Name"))
    yield q("create long name", "POST", PROJECTS, project("a" * 254))
    yield q("create without kind", "POST", PROJECTS, changed(project("two"), kind=None))
    yield q("create without apiVersion", "POST", PROJECTS, changed(project("two"), apiVersion=None))
    yield q("create other kind", "POST", PROJECTS, changed(project("two"), kind="Projekt"))
    yield q("create other apiVersion", "POST", PROJECTS + "?fieldValidation=Ignore", changed(project("two"), apiVersion="example.sealyun.com/v2"))
    yield q("create other namespace", "POST", PROJECTS, project("two", namespace="other"))
    yield q("create with resourceVersion", "POST", PROJECTS, project("two", resourceVersion="5"))
    yield q("create with uid and status", "POST", PROJECTS, changed(project("two", uid="x", generation=7), status={"phase": "Running"}))
    yield q("create bad label", "POST", PROJECTS, project("three", labels={"a b": "c"}))
    yield q("create bad label value", "POST", PROJECTS, project("three", labels={"d": "e f"}))
    yield q("create number label", "POST", PROJECTS, project("three", labels={"a": 1}))
    yield q("create bad annotation", "POST", PROJECTS, project("three", annotations={"a b": "c"}))
    yield q("create bad finalizer", "POST", PROJECTS, project("three", finalizers=["a b"]))
    yield q("create plain finalizer", "POST", PROJECTS, project("three", finalizers=["plain"]), dry=True)
    yield q("create unknown field", "POST", PROJECTS, changed(project("u1"), spec__extra=1))
    yield q("create unknown field, strict", "POST", PROJECTS + "?fieldValidation=Strict", changed(project("u2"), spec__extra=1, other=2))
    yield q("create unknown field, ignored", "POST", PROJECTS + "?fieldValidation=Ignore", changed(project("u3"), spec__extra=1))
    yield q("create twice a field, strict", "POST", PROJECTS + "?fieldValidation=Strict",
            json.dumps(project("u4")).replace('"replicas": 1', '"replicas": 1, "replicas": 2'))
    yield q("create unknown metadata", "POST", PROJECTS, project("u5", extra="x"))
    yield q("bad fieldValidation", "POST", PROJECTS + "?fieldValidation=Maybe", project("u6"))
    yield q("create dry", "POST", PROJECTS + "?dryRun=All", project("dry"))
    yield q("get dry", "GET", PROJECTS + "/dry")
    yield q("bad dryRun", "POST", PROJECTS + "?dryRun=Some", project("dry"))
    yield q("create empty body", "POST", PROJECTS, "")
    yield q("create bad json", "POST", PROJECTS, "{")
    yield q("create array", "POST", PROJECTS, "[]")
    yield q("create as form", "POST", PROJECTS, "a=b", "application/x-www-form-urlencoded")
    yield q("create yaml", "POST", PROJECTS, "apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata: {name: yaml}\nspec: {replicas: 3}\n", YAML)
    yield q("create at cluster scope", "POST", GROUP + "/projects", project("four"))
    yield q("put to the collection", "PUT", PROJECTS, project("one"))
    yield q("patch of the collection", "PATCH", PROJECTS, {}, MERGE)
    yield q("generateName", "POST", PROJECTS + "?dryRun=All", changed(project("x"), metadata={"generateName": "gen-"}))

    yield q("put", "PUT", PROJECTS + "/one", lambda: changed(saved["one"], spec__replicas=2), save="one2")
    yield q("put stale", "PUT", PROJECTS + "/one", lambda: changed(saved["one"], spec__replicas=3))
    yield q("put the same", "PUT", PROJECTS + "/one", lambda: saved["one2"])
    yield q("put without resourceVersion", "PUT", PROJECTS + "/one", project("one", 4))
    yield q("put other name", "PUT", PROJECTS + "/one", project("other", 4))
    yield q("put without name", "PUT", PROJECTS + "/one", changed(project("x"), metadata={}))
    yield q("put other namespace", "PUT", PROJECTS + "/one", project("one", 4, namespace="other"))
    yield q("put other uid", "PUT", PROJECTS + "/one", lambda: changed(saved["one2"], metadata__uid="other"))
    yield q("put invalid", "PUT", PROJECTS + "/one", lambda: changed(saved["one2"], spec__replicas=0))
    yield q("put status ignored", "PUT", PROJECTS + "/one", lambda: changed(saved["one2"], status={"phase": "x"}, metadata__labels={"a": "b"}), save="one3")
    yield q("put status", "PUT", PROJECTS + "/one/status", lambda: changed(saved["one3"], status={"phase": "Running", "replicas": 2}, spec__replicas=9))
    yield q("get status", "GET", PROJECTS + "/one/status")

    yield q("patch status of too many replicas", "PATCH", PROJECTS + "/one/status", {"status": {"replicas": 2147483648}}, MERGE)
    yield q("merge patch", "PATCH", PROJECTS + "/one", {"spec": {"replicas": 5}, "metadata": {"labels": {"x": "y", "a": None}}}, MERGE)
    yield q("merge patch of nothing", "PATCH", PROJECTS + "/one", {}, MERGE)
    yield q("merge patch invalid", "PATCH", PROJECTS + "/one", {"spec": {"replicas": 0}}, MERGE)
    yield q("merge patch stale", "PATCH", PROJECTS + "/one", {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 7}}, MERGE)
    yield q("merge patch of the name", "PATCH", PROJECTS + "/one", {"metadata": {"name": "two"}}, MERGE)
    yield q("merge patch of the kind", "PATCH", PROJECTS + "/one", {"kind": "Other"}, MERGE)
    yield q("merge patch unknown field", "PATCH", PROJECTS + "/one", {"spec": {"extra": 1}}, MERGE)
    yield q("merge patch unknown field, strict", "PATCH", PROJECTS + "/one?fieldValidation=Strict", {"spec": {"extra": 1}}, MERGE, status_only=True)
    yield q("merge patch bad json", "PATCH", PROJECTS + "/one", "{", MERGE)
    yield q("merge patch array", "PATCH", PROJECTS + "/one", "[]", MERGE)
    yield q("merge patch forced", "PATCH", PROJECTS + "/one?force=true", {}, MERGE)
    yield q("json patch", "PATCH", PROJECTS + "/one", [{"op": "test", "path": "/spec/replicas", "value": 5}, {"op": "replace", "path": "/spec/replicas", "value": 6},
                                                      {"op": "add", "path": "/metadata/labels/z~1q", "value": "1"}], PATCH)
    yield q("json patch test fails", "PATCH", PROJECTS + "/one", [{"op": "test", "path": "/spec/replicas", "value": 99}], PATCH)
    yield q("json patch absent path", "PATCH", PROJECTS + "/one", [{"op": "remove", "path": "/spec/nothing"}], PATCH)
    yield q("json patch no list", "PATCH", PROJECTS + "/one", {"op": "x"}, PATCH)
    yield q("json patch bad op", "PATCH", PROJECTS + "/one", [{"op": "fly", "path": "/spec"}], PATCH)
    yield q("strategic patch", "PATCH", PROJECTS + "/one", {}, "application/strategic-merge-patch+json")
    yield q("patch as json", "PATCH", PROJECTS + "/one", {}, JSON)
    yield q("apply without manager", "PATCH", PROJECTS + "/one", project("one", 7), APPLY)
    yield q("apply creates", "PATCH", PROJECTS + "/applied?fieldManager=me", project("applied", 7), APPLY)
    yield q("apply changes", "PATCH", PROJECTS + "/applied?fieldManager=me&force=true", project("applied", 8), APPLY)
    yield q("apply yaml", "PATCH", PROJECTS + "/applied?fieldManager=me", "apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nspec: {replicas: 9}\n", APPLY)
    yield q("apply other name", "PATCH", PROJECTS + "/applied?fieldManager=me", project("other", 8), APPLY)
    yield q("apply without kind", "PATCH", PROJECTS + "/applied?fieldManager=me", {"spec": {"replicas": 8}}, APPLY)

    def owned(name, path, body, kind=APPLY, method="PATCH", **more):
        return q("owners " + name, method, PROJECTS + path, body, kind, owners=True, **more)

    yield owned("applied", "/owned?fieldManager=first", project("owned", 1, labels={"a.b/c": "d", "e": "f"}, annotations={"g": "h"}))
    yield owned("applied again", "/owned?fieldManager=first", project("owned", 1, labels={"a.b/c": "d", "e": "f"}, annotations={"g": "h"}))
    yield owned("a conflict", "/owned?fieldManager=second", project("owned", 2))
    yield owned("two conflicts", "/owned?fieldManager=second", project("owned", 2, labels={"e": "x"}))
    yield owned("a shared value", "/owned?fieldManager=second", project("owned", 1, labels={"e": "f"}))
    # Conflicts with two managers come in no order: not asked.
    yield owned("taken out", "/owned?fieldManager=first", project("owned", 1))
    yield owned("forced", "/owned?fieldManager=third&force=true", project("owned", 3))
    yield owned("changed by a merge patch", "/owned?fieldManager=fourth", {"spec": {"replicas": 4}, "metadata": {"labels": {"k": "l"}}}, MERGE)
    yield owned("a conflict with a merge patch", "/owned?fieldManager=first", project("owned", 5))
    yield owned("taken out by a merge patch", "/owned?fieldManager=fifth", {"metadata": {"labels": None}}, MERGE)
    yield owned("the status", "/owned/status?fieldManager=first",
                {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", "metadata": {"name": "owned"}, "status": {"replicas": 2}})
    yield owned("a conflict in the status", "/owned/status?fieldManager=second",
                {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", "metadata": {"name": "owned"}, "status": {"replicas": 3}})
    yield owned("what is needed taken out", "/owned?fieldManager=fourth", changed(project("owned", 1), spec={}))
    yield owned("created", "?fieldManager=maker", project("made", 1), JSON, "POST", save="made")
    yield owned("a conflict with the maker", "/made?fieldManager=first", project("made", 2))
    yield owned("replaced", "/made?fieldManager=other", lambda: changed(saved["made"], spec__replicas=6), JSON, "PUT")

    yield q("get scale", "GET", PROJECTS + "/applied/scale")
    yield q("patch scale", "PATCH", PROJECTS + "/applied/scale", {"spec": {"replicas": 3}}, MERGE)
    yield q("patch scale invalid", "PATCH", PROJECTS + "/applied/scale", {"spec": {"replicas": -3}}, MERGE)
    yield q("patch scale below the minimum", "PATCH", PROJECTS + "/applied/scale", {"spec": {"replicas": 0}}, MERGE)

    yield q("list page", "GET", PROJECTS + "?limit=2", save="page")
    yield q("list second page", "GET", lambda: PROJECTS + "?limit=2&continue=" + saved["page"]["metadata"]["continue"])
    yield q("list page with a selector", "GET", PROJECTS + "?limit=1&labelSelector=x=y")
    yield q("list page and a version", "GET", lambda: PROJECTS + "?limit=2&resourceVersion=5&continue=" + saved["page"]["metadata"]["continue"])
    yield q("bad continue", "GET", PROJECTS + "?continue=nonsense")
    yield q("bad limit", "GET", PROJECTS + "?limit=many")
    yield q("list label", "GET", PROJECTS + "?labelSelector=x%20in%20(y,z),!nothing", names=True)
    yield q("list label not", "GET", PROJECTS + "?labelSelector=x!=y", names=True)
    yield q("bad label selector", "GET", PROJECTS + "?labelSelector=x%20y")
    yield q("bad label selector 2", "GET", PROJECTS + "?labelSelector=x%3D%3D%3Dy")
    yield q("bad label selector 3", "GET", PROJECTS + "?labelSelector=x%20in%20y")
    yield q("bad label value", "GET", PROJECTS + "?labelSelector=x%3Dy%2Fz")
    yield q("list field name", "GET", PROJECTS + "?fieldSelector=metadata.name%3Done", names=True)
    yield q("list field namespace", "GET", PROJECTS + "?fieldSelector=metadata.namespace!=default", names=True)
    yield q("list unknown field", "GET", PROJECTS + "?fieldSelector=spec.replicas%3D1")
    yield q("bad field selector", "GET", PROJECTS + "?fieldSelector=nonsense")
    yield q("list selectable field", "GET", MACHINES + "?fieldSelector=spec.nodeName%3Dnode-1", names=True)
    yield q("list selectable field, none", "GET", MACHINES + "?fieldSelector=spec.nodeName%3Dnode-2", names=True)
    yield q("list future", "GET", PROJECTS + "?resourceVersion=99999999")
    yield q("list future exact", "GET", PROJECTS + "?resourceVersion=99999999&resourceVersionMatch=Exact")
    yield q("list bad version", "GET", PROJECTS + "?resourceVersion=abc")
    yield q("match without version", "GET", PROJECTS + "?resourceVersionMatch=Exact")
    yield q("match unknown", "GET", PROJECTS + "?resourceVersion=5&resourceVersionMatch=Some")
    yield q("match exact zero", "GET", PROJECTS + "?resourceVersion=0&resourceVersionMatch=Exact")
    yield q("match on a page", "GET", lambda: PROJECTS + "?resourceVersionMatch=Exact&continue=" + saved["page"]["metadata"]["continue"])
    yield q("list with initial events", "GET", PROJECTS + "?sendInitialEvents=true")
    yield q("watch with a match", "GET", PROJECTS + "?watch=1&resourceVersion=5&resourceVersionMatch=NotOlderThan&timeoutSeconds=1")
    yield q("watch initial events without a match", "GET", PROJECTS + "?watch=1&sendInitialEvents=true&timeoutSeconds=1")
    yield q("watch too old", "GET", PROJECTS + "?watch=1&resourceVersion=1&timeoutSeconds=1")
    yield q("watch from the start", "GET", PROJECTS + "?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Done")
    yield q("watch streaming list", "GET", PROJECTS + "?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Done")
    yield q("watch bad version", "GET", PROJECTS + "?watch=1&resourceVersion=abc&timeoutSeconds=1")
    yield q("watch unknown field", "GET", PROJECTS + "?watch=1&fieldSelector=spec.x%3D1&timeoutSeconds=1")
    yield q("metadata only", "GET", PROJECTS + "/one", accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
    yield q("metadata only list", "GET", PROJECTS + "?limit=1", accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json")
    yield q("accept nothing known", "GET", PROJECTS + "/one", accept="text/html", status_only=True)

    yield q("delete wrong uid", "DELETE", PROJECTS + "/one", {"preconditions": {"uid": "other"}})
    yield q("delete wrong version", "DELETE", PROJECTS + "/one", {"preconditions": {"resourceVersion": "1"}})
    yield q("delete bad policy", "DELETE", PROJECTS + "/one", {"propagationPolicy": "Never"})
    yield q("delete dry", "DELETE", PROJECTS + "/one?dryRun=All")
    yield q("delete", "DELETE", PROJECTS + "/one")
    yield q("create held", "POST", PROJECTS, project("held", finalizers=["kubecr.io/hold"]))
    yield q("delete held", "DELETE", PROJECTS + "/held", save="held")
    yield q("delete held again", "DELETE", PROJECTS + "/held")
    yield q("held: another finalizer", "PATCH", PROJECTS + "/held", {"metadata": {"finalizers": ["kubecr.io/hold", "kubecr.io/more"]}}, MERGE, message_only=True)
    yield q("held: released", "PATCH", PROJECTS + "/held", {"metadata": {"finalizers": None}}, MERGE)
    yield q("held: gone", "GET", PROJECTS + "/held")
    yield q("delete some", "DELETE", PROJECTS + "?labelSelector=nobody=here")
    yield q("delete by field", "DELETE", PROJECTS + "?fieldSelector=metadata.name%3Dapplied", names=True)
    yield q("create an owner", "POST", PROJECTS, project("owner"))
    yield q("delete in the foreground, dry", "DELETE", PROJECTS + "/owner", {"dryRun": ["All"], "propagationPolicy": "Foreground"})
    yield q("delete with two policies", "DELETE", PROJECTS + "/owner", {"propagationPolicy": "Orphan", "orphanDependents": True})
    yield q("delete, dry in another way", "DELETE", PROJECTS + "/owner", {"dryRun": ["Some"]})
    yield q("delete in the foreground", "DELETE", PROJECTS + "/owner?dryRun=All", {"propagationPolicy": "Foreground"})
    yield q("delete again, to orphan", "DELETE", PROJECTS + "/owner", {"orphanDependents": True})
    yield q("get the owner", "GET", PROJECTS + "/owner")
    yield q("the owner: released", "PATCH", PROJECTS + "/owner", {"metadata": {"finalizers": None}}, MERGE, status_only=True)
    yield q("the owner: gone", "GET", PROJECTS + "/owner")
    for number in "123":
        yield q("create for pages " + number, "POST", PROJECTS, project("page-" + number, labels={"pages": "yes"}), status_only=True)
    yield q("delete a page", "DELETE", PROJECTS + "?labelSelector=pages&limit=2", {})
    yield q("delete at a version, without options", "DELETE", PROJECTS + "?labelSelector=pages&resourceVersion=0")
    yield q("delete at a version", "DELETE", PROJECTS + "?labelSelector=pages&resourceVersion=0", {}, names=True)
    yield q("get future", "GET", PROJECTS + "/held?resourceVersion=99999999")
    yield q("get bad version", "GET", PROJECTS + "/held?resourceVersion=abc")

    yield q("as nobody", "GET", PROJECTS, headers={"Impersonate-User": "nobody"})
    yield q("as a master", "GET", PROJECTS + "?labelSelector=nothing", headers={"Impersonate-User": "nobody", "Impersonate-Group": "system:masters"})

    yield q("crd wrong name", "POST", CRDS, crd(metadata__name="x.test.kubecr.io"))
    yield q("crd without schema", "POST", CRDS, crd(spec__versions=[{"name": "v1", "served": True, "storage": True}]))
    yield q("crd without storage", "POST", CRDS, crd(spec__versions=[{"name": "v1", "served": True, "storage": False, "schema": {"openAPIV3Schema": {"type": "object"}}}]), status_only=True)
    yield q("crd bad scope", "POST", CRDS, crd(spec__scope="Everywhere"))
    yield q("crd without kind", "POST", CRDS, crd(spec__names__kind=None))
    yield q("crd", "POST", CRDS, crd(schema=SCHEMA), status_only=True, until=THINGS)
    yield q("crd again", "POST", CRDS, crd(schema=SCHEMA))
    yield q("thing", "POST", THINGS, thing("a", port="http", free={"x": {"y": 1}}, map={"k": 1}, nodes=[{"a": 1, "b": 2}], maybe=None))
    yield q("thing too big", "POST", THINGS, thing("b", size=10))
    yield q("thing of a wrong color", "POST", THINGS, thing("b", color="blue"))
    yield q("thing with a short name", "POST", THINGS, thing("b", name="a"))
    yield q("thing with a long name", "POST", THINGS, thing("b", name="abcde"))
    yield q("thing with an odd name", "POST", THINGS, thing("b", name="A1"))
    yield q("thing with many tags", "POST", THINGS, thing("b", tags=["a", "b", "c"]))
    yield q("thing with a number tag", "POST", THINGS, thing("b", tags=["a", 1]))
    yield q("thing with a bad map", "POST", THINGS, thing("b", map={"k": "v"}))
    yield q("thing with a bad port", "POST", THINGS, thing("b", port=True))
    yield q("thing with a bad flag", "POST", THINGS, thing("b", flag="yes"))
    yield q("thing with ratio zero", "POST", THINGS, thing("b", ratio=0))
    yield q("thing with an array for spec", "POST", THINGS, changed(thing("b"), spec=[1]))
    yield q("thing without a status subresource", "GET", THINGS + "/a/status")
    yield q("delete the crd", "DELETE", CRDS + "/things.test.kubecr.io", status_only=True)


def ask(method, path, body, kind, user="admin", accept=None, more=None):
    context = ssl.create_default_context(cafile=f"{DIR}/pki/ca.crt")
    connection = http.client.HTTPSConnection(SERVER.hostname, SERVER.port, context=context, timeout=20)
    headers = {"Accept": accept or JSON, **(more or {})}
    if kind:
        headers["Content-Type"] = kind
    if user:
        headers["Authorization"] = "Bearer " + TOKENS[user]
    data = body if body is None or isinstance(body, str) else json.dumps(body)
    connection.request(method, path, data, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


HIDDEN = {"uid": "UID", "resourceVersion": "RV", "creationTimestamp": "TIME", "deletionTimestamp": "TIME", "continue": "TOKEN", "lastTransitionTime": "TIME",
          "time": "TIME", "resourceVersionDiscovery": "RV", "storageVersionHash": None, "managedFields": None, "selfLink": None}


def plain(value, owners=False):
    if isinstance(value, list):
        return [plain(element, owners) for element in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, inner in value.items():
        if key in HIDDEN and not isinstance(inner, dict) and not (owners and key == "managedFields"):
            if HIDDEN[key] and inner:
                out[key] = HIDDEN[key]
        else:
            out[key] = plain(inner, owners)
    return out


def words(text):
    """A message without revisions and uids."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", text)
    text = re.sub(r" at \d{4}-\d\d-\d\dT[\d:]{8}Z", " at TIME", text)
    text = re.sub(r"(too old resource version: \d+ )\(\d+\)", r"\1(RV)", text)
    text = re.sub(r"(current: |ResourceVersion in record \()\d+", r"\1RV", text)
    text = re.sub(r"(continue key is not valid: )[^\"]*?(\\\\[^\"]*)?\"", r"\1...\"", text)
    # The double speaks no protobuf, and etcd's keys begin otherwise.
    text = text.replace(", application/vnd.kubernetes.protobuf", "").replace("/registry/apiextensions.kubernetes.io/", "/registry/")
    return re.sub(r"gen-[a-z0-9]{5}", "gen-XXXXX", text)


def main():
    for name, method, path, body, kind, more in questions():
        if sys.argv[1:] and not any(part in name for part in sys.argv[1:]) and "save" not in more:
            continue
        path = path() if callable(path) else path
        response, text = ask(method, path, body() if callable(body) else body, kind, more.get("user", "admin"), more.get("accept"), more.get("headers"))
        warnings = "".join(f" [{warning}]" for warning in response.headers.get_all("Warning") or [])
        print(f"--- {name}\n{response.status} {response.headers.get('Content-Type')}{warnings}")
        if "until" in more:
            for _ in range(100):
                if ask("GET", more["until"], None, None)[0].status == 200:
                    break
        for line in text.splitlines() if "watch" in path else [text]:
            try:
                value = json.loads(line)
            except ValueError:
                print(line.strip())
                continue
            if "save" in more:
                saved[more["save"]] = value
            if more.get("status_only"):
                continue
            if "message_only" in more:
                value = value["message"]
            if "names" in more and "items" in value:
                value = [item["metadata"]["name"] for item in value["items"]]
            if "only" in more and "items" in value:
                value = [item for item in value["items"] if item["metadata"]["name"] == more["only"]]
            print(words(json.dumps(plain(value, "owners" in more), sort_keys=True)))


main()
