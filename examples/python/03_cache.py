"""An informer: a live local copy that answers without the server, and a handler that hears of every change."""

import queue

import kubecr
from story import project, run


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    projects.create(project("cache", "story-cache-1", 1))
    heard: "queue.SimpleQueue[str]" = queue.SimpleQueue()

    # Called one change after the other, each after the cache holds it, on the thread that drives the client.
    def changed(change: kubecr.Change) -> None:
        name, replicas = change.object.get("metadata", {}).get("name"), change.object.get("spec", {}).get("replicas")
        if change.type == "ADDED":
            print(f"added {name} replicas {replicas}{' (was there)' if change.initial else ''}")
        elif change.type == "MODIFIED" and change.old:
            print(f"modified {name} replicas {change.old['spec']['replicas']} -> {replicas}")
        elif change.type == "DELETED":
            print(f"deleted {name}")
        if not change.initial:
            heard.put(change.type)

    with projects.informer(label_selector="story=cache") as informer:
        informer.on(changed=changed)
        informer.wait_synced(timeout=20)  # says why, if it can't
        heard.get(timeout=20)  # SYNCED: the handler has heard of all that was there

        print(f"synced, objects in the cache: {len(informer)}")
        for key in ("default/story-cache-1", "default/nothing"):
            found = informer.get(key)
            print(f"{key}: replicas {found['spec']['replicas']}" if found else f"{key}: not in the cache")

        projects.patch("story-cache-1", {"spec": {"replicas": 4}})
        heard.get(timeout=20)
        projects.create(project("cache", "story-cache-2", 2))
        heard.get(timeout=20)
        projects.delete("story-cache-1")
        heard.get(timeout=20)

        for key in informer:
            print(f"in the cache: {key}")
        print(f"server heard within the last minute: {'yes' if informer.staleness < 60 else 'no'}")


run("cache", story)
