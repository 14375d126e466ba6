"""What goes on in the demo: three machines are made, get a bigger memory, start to run; one is deleted again.

    python3 demo_changes.py      (the server of $KUBECONFIG)
"""
import time

import kubecr

PAUSE = 0.2  # seconds between two changes, so that they can be followed by eye

with kubecr.Client() as client:
    machines = client.resource("infra.sealyun.com/v1/virtulmachines", namespace="default")
    status = client.resource("infra.sealyun.com/v1/virtulmachines/status", namespace="default")
    names = ["demo-1", "demo-2", "demo-3"]

    for name in names:
        machines.create({"metadata": {"name": name}, "spec": {"cpu": "1", "memory": "2G"}})
        print(f"machine {name} is made", flush=True)
        time.sleep(PAUSE)
    for name in names:
        machines.patch(name, {"spec": {"memory": "4G"}})
        print(f"machine {name} gets 4G", flush=True)
        time.sleep(PAUSE)
    for name in names:
        status.patch(name, {"status": {"status": "running"}})
        print(f"machine {name} runs", flush=True)
        time.sleep(PAUSE)
    machines.delete("demo-3")
    print("machine demo-3 is deleted", flush=True)
