"""Status and scale: what belongs to a controller, apart from what users want; by merge patches and JSON patches."""

import sys

import kubecr
from story import project, run

NAME = "story-status"


def set_done(project: kubecr.Object) -> None:
    project["status"]["phase"] = "Done"


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    made = projects.create(project("status", NAME, 1))
    print(f"created {NAME}: replicas {made['spec']['replicas']}, generation {made['metadata']['generation']}")

    # Each change of the spec raises the generation.
    wanted = projects.patch(NAME, {"spec": {"replicas": 2}})
    print(f"merge patch of the object: replicas {wanted['spec']['replicas']}, generation {wanted['metadata']['generation']}")

    # The status is written through its subresource only, and so is the rest only without it.
    ignored = projects.patch(NAME, {"status": {"phase": "Lost"}})
    print(f"a status given with the object is ignored: {ignored.get('status', {}).get('phase', 'no phase')}")
    one = projects.patch_status(NAME, {"status": {"phase": "Ready", "replicas": 1}})
    print(
        f"merge patch of the status: phase {one['status']['phase']}, replicas {one['status']['replicas']} of"
        f" {one['spec']['replicas']}, generation still {one['metadata']['generation']}"
    )
    one = projects.patch_status(NAME, {"spec": {"replicas": 9}})
    print(f"a spec given with the status is ignored: replicas {one['spec']['replicas']}")

    scale = projects.get_scale(NAME)
    print(f"scale: {scale['status']['replicas']} of {scale['spec']['replicas']}")
    scale = projects.scale(NAME, 4)
    generation = projects.get(NAME)["metadata"]["generation"]
    print(f"scaled: {scale['status']['replicas']} of {scale['spec']['replicas']}, generation {generation}")

    # All operations of a JSON patch are done, or none: the test says what they build on.
    operations = [{"op": "test", "path": "/spec/replicas", "value": 4}, {"op": "replace", "path": "/spec/replicas", "value": 5}]
    print(f"json patch with a test: replicas {projects.patch(NAME, operations, type='json')['spec']['replicas']}")
    try:
        projects.patch(NAME, operations, type="json")
        sys.exit("07_patch_status: a test that does not hold was passed over")
    except kubecr.Invalid as error:
        print(f"the same again: {error.code}")
    busy = projects.patch_status(NAME, [{"op": "replace", "path": "/status/phase", "value": "Busy"}], type="json")
    print(f"json patch of the status: phase {busy['status']['phase']}")

    # Read, change, replace; and again as long as somebody else was faster.
    done = projects.update(NAME, set_done, subresource="status")
    print(f"read, changed, replaced: phase {done['status']['phase']}")


run("status", story)
