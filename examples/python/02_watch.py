"""A watch from the version of a list: nothing that happens between the two is missed."""

import sys

import kubecr
from story import project, run


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    projects.create(project("watch", "story-watch-1", 1))
    listed = projects.list(label_selector="story=watch")
    print(f"listed {len(listed)} project, watching from there")

    with projects.watch(label_selector="story=watch", resource_version=listed.resource_version, timeout=20) as events:
        projects.create(project("watch", "story-watch-2", 2))
        projects.patch("story-watch-1", {"spec": {"replicas": 7}})
        projects.delete("story-watch-2")

        for event in events:
            name, replicas = event.object["metadata"]["name"], event.object["spec"]["replicas"]
            if event.type == "DELETED":
                print(f"DELETED {name}")
                break
            print(f"{event.type} {name} replicas {replicas}")
        else:
            sys.exit("02_watch: it ended before the delete was seen")
    print("done")


run("watch", story)
