"""Cases of raw requests, discovery, other users, large bodies, and many calls at once."""

import asyncio
import os
import socket
import threading
import time

import kubecr

from .case import PROJECTS, Case, case, patient, replicas, wait_until
from .definitions import Things

COLLECTION = "/apis/example.sealyun.com/v1alpha1/namespaces/default/projects"


@case
def discover_finds_a_new_crd(c: Case) -> None:
    things = Things(c)
    things.remove()

    def is_found(name: str) -> bool:
        try:
            return bool(client.discover(f"{name}.{things.group}")["kind"] == "Thing")
        except kubecr.NotFound:
            return False

    try:
        with kubecr.Client() as client:
            assert not is_found("things")
            things.make("first")
            wait_until(lambda: is_found("things"), "the plural is found", 30)
            assert is_found("thing") and is_found("th") and is_found("Thing") and is_found("things.v1")
            assert client.resource(f"th.{things.group}").get("first")["kind"] == "Thing"
    finally:
        things.remove()


@case
def request_carries_any_method(c: Case) -> None:
    one, body = f"{COLLECTION}/{c.name()}", {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", **c.project()}
    made = c.client.request("POST", COLLECTION, body)
    assert replicas(made) == 1, made
    made = c.client.request("PATCH", one, {"spec": {"replicas": 2}}, content_type="application/merge-patch+json")
    assert replicas(made) == 2, made
    made = c.client.request("PUT", one, {**made, "spec": {"replicas": 3}})
    assert replicas(made) == 3 and c.client.request("GET", one) == made, made
    c.client.request("DELETE", one)
    c.fails(kubecr.NotFound, 404, "NotFound", c.client.request, "GET", one)


@case
def request_gives_text(c: Case) -> None:
    assert c.client.request_raw("GET", "/healthz") == b"ok"


@case
def impersonated_user_is_who_asks(c: Case) -> None:
    with kubecr.Client(os.environ["KUBECONFIG"], as_="nobody") as client:
        error = c.fails(kubecr.Forbidden, 403, "Forbidden", client.resource(PROJECTS, "default").get, c.name())
        assert 'User "nobody"' in str(error), error
    with kubecr.Client(os.environ["KUBECONFIG"], as_="nobody", as_groups=["system:masters"]) as client:
        client.resource(PROJECTS, "default").list(limit=1)
    error = c.fails(kubecr.Forbidden, 403, "Forbidden", c.client.request, "GET", COLLECTION, headers={"Impersonate-User": "nobody"})
    assert 'User "nobody"' in str(error), error


def machine(c: Case, length: int) -> kubecr.Object:
    return {"metadata": {"name": c.name(), "labels": {"conformance": c.label}}, "spec": {"cpu": "1", "memory": "x" * length}}


@case
def three_mebibytes_go_out_whole(c: Case) -> None:
    machines = c.client.resource("infra.sealyun.com/v1/virtulmachines", "default")
    machines.delete_collection(label_selector=c.selector)
    try:
        machines.create(machine(c, 3_099_000))
        assert len(machines.get(c.name())["spec"]["memory"]) == 3_099_000
        machines.delete(c.name())
    except kubecr.ServerError as error:
        assert error.http_status == 500 and "larger than max" in str(error), error
        c.fails(kubecr.NotFound, 404, "NotFound", machines.get, c.name())


@case
def body_too_large_is_refused_with_words(c: Case) -> None:
    machines = c.client.resource("infra.sealyun.com/v1/virtulmachines", "default")
    error = c.fails(kubecr.BadRequest, 413, "RequestEntityTooLarge", machines.create, machine(c, 4_000_000))
    assert "limit is 3145728" in str(error), error
    c.list()


@case
def sixty_four_calls_in_flight(c: Case) -> None:
    async def main() -> "list[kubecr.Object]":
        async with kubecr.AsyncClient(qps=0) as client:
            projects = client.resource(PROJECTS, "default")
            return await asyncio.gather(*(projects.create(c.project(number, number)) for number in range(1, 65)))

    assert [replicas(made) for made in asyncio.run(main())] == list(range(1, 65))
    assert len(c.list()) == 64


@case
def calls_are_cancelled(c: Case) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"

        async def main() -> float:
            async with kubecr.AsyncClient(source="none", server=address) as client:
                task = asyncio.ensure_future(client.resource(PROJECTS, "default").get("a"))
                caller, _ = await asyncio.get_running_loop().run_in_executor(None, silent.accept)
                with caller:
                    began = time.monotonic()
                    task.cancel()
                    try:
                        await task
                        raise AssertionError("it was answered")
                    except asyncio.CancelledError:
                        return time.monotonic() - began

        assert asyncio.run(main()) < patient(0.25)
        client = kubecr.Client(source="none", server=address)

        def close_when_called() -> None:
            with silent.accept()[0]:
                client.close()

        closer = threading.Thread(target=close_when_called)
        closer.start()
        c.fails(kubecr.Cancelled, None, "", client.resource(PROJECTS, "default").get, "a")
        closer.join()
