"""Lists: whole, by label, in pages; and a resource whose version is found by discovery."""

import kubecr
from story import project, run


def print_list(title: str, projects: kubecr.ObjectList) -> None:
    print(f"{title}: {len(projects)}")
    for one in projects:
        print(f"  {one['metadata']['name']} replicas {one['spec']['replicas']}")


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    for number in range(1, 6):
        projects.create(project("list", f"story-list-{number}", number))

    print_list("all projects of the story", projects.list(label_selector="story=list"))
    print_list("with parity=even", projects.list(label_selector="story=list,parity=even"))

    print("in pages of 2:")
    for number, page in enumerate(projects.pages(limit=2, label_selector="story=list"), 1):
        print(f"  page {number}:", *(one["metadata"]["name"] for one in page))

    machines = client.resource("virtulmachines.infra.sealyun.com", namespace="default")
    for machine in machines.list(field_selector="metadata.name=virtulmachine-sample"):
        spec = machine["spec"]
        print(f"machine {machine['metadata']['name']}: cpu {spec['cpu']}, memory {spec['memory']}")


run("list", story)
