"""List, watch, cache: the story of README.md."""
import kubecr

with kubecr.Client() as client:  # $KUBECONFIG, in-cluster, ~/.kube/config
    projects = client.resource("projects.example.sealyun.com", namespace="default")
    for project in projects.list():
        print("project", project["metadata"]["name"])

    with projects.watch() as events:
        for event in events:
            print("watched", event.object["metadata"]["name"])
            break

    machines = client.resource("infra.sealyun.com/v1/virtulmachines")  # all of them, in every namespace
    with machines.informer() as cache:  # kept up to date while the block lasts
        cache.wait_synced(timeout=30)
        for key in cache:
            print("machine", key)
