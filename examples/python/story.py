"""What the stories share: the argument, the objects they work on, and clearing up before and after."""

import argparse
import sys
from pathlib import Path
from typing import Callable

import kubecr

PROJECTS = "example.sealyun.com/v1alpha1/projects"


def run(name: str, story: Callable[[kubecr.Client, kubecr.Resource], None]) -> None:
    """Runs a story, whose objects bear the label story=NAME. A failure that it does not expect ends the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", help="$KUBECONFIG, in-cluster or ~/.kube/config if it is not given")
    arguments = parser.parse_args()
    try:
        with kubecr.Client(arguments.kubeconfig) as client:
            projects = client.resource(PROJECTS, namespace="default")
            projects.delete_collection(label_selector=f"story={name}")
            story(client, projects)
            projects.delete_collection(label_selector=f"story={name}")
    except kubecr.KubeError as error:
        sys.exit(f"{Path(sys.argv[0]).stem}: {error.code}: {error}")


def project(story: str, name: str, replicas: int) -> kubecr.Object:
    labels = {"story": story, "parity": "odd" if replicas % 2 else "even"}
    return {"metadata": {"name": name, "labels": labels}, "spec": {"replicas": replicas}}
