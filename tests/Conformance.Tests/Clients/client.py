"""Debian's python3-kubernetes against a cloud: client.py STORY KUBECONFIG NAMESPACE. Fails with a traceback, or prints "STORY ok"."""
import sys
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

story, kubeconfig, namespace = sys.argv[1:4]
config.load_kube_config(kubeconfig)
core = client.CoreV1Api()


def equal(expected, actual):
    assert expected == actual, f"expected {expected!r}, not {actual!r}"


def status_of(call, *arguments, **options):
    try:
        call(*arguments, **options)
    except ApiException as e:
        return e.status
    return 200


def config_map(name, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"story": story}), data=data)


def discovery():
    assert client.VersionApi().get_code().git_version.startswith("v1.32.")
    groups = {g.name: g.preferred_version.group_version for g in client.ApisApi().get_api_versions().groups}
    equal("apps/v1", groups["apps"])
    resources = {r.name: r for r in core.get_api_resources().resources}
    equal(["po"], resources["pods"].short_names)
    assert "pods/log" in resources
    found = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="apps/v1", kind="Deployment")
    equal("deployments", found.name)
    assert found.namespaced


def life():
    created = core.create_namespaced_config_map(namespace, config_map("life", a="1"))
    equal({"a": "1"}, created.data)
    equal(409, status_of(core.create_namespaced_config_map, namespace, config_map("life")))

    created.data["b"] = "2"
    replaced = core.replace_namespaced_config_map("life", namespace, created)
    equal(409, status_of(core.replace_namespaced_config_map, "life", namespace, created))
    equal(422, status_of(core.create_namespaced_config_map, namespace, config_map("No_Such_Name")))

    patched = core.patch_namespaced_config_map("life", namespace, {"data": {"a": None, "c": "3"}})
    equal({"b": "2", "c": "3"}, patched.data)
    patched = core.patch_namespaced_config_map("life", namespace, [{"op": "replace", "path": "/data/c", "value": "4"}])
    equal("4", patched.data["c"])
    assert int(patched.metadata.resource_version) > int(replaced.metadata.resource_version)

    equal(["life"], [m.metadata.name for m in core.list_namespaced_config_map(namespace, label_selector="story=life").items])
    equal("Success", core.delete_namespaced_config_map("life", namespace).status)
    equal(404, status_of(core.read_namespaced_config_map, "life", namespace))


def pages():
    for i in range(7):
        core.create_namespaced_secret(namespace, client.V1Secret(metadata=client.V1ObjectMeta(name=f"page-{i}", labels={"story": "pages"}), string_data={"k": "v"}))
    names, token = [], None
    while True:
        page = core.list_namespaced_secret(namespace, label_selector="story=pages", limit=3, _continue=token)
        names += [s.metadata.name for s in page.items]
        token = page.metadata._continue
        if not token:
            break
    equal([f"page-{i}" for i in range(7)], names)
    core.delete_collection_namespaced_secret(namespace, label_selector="story=pages")
    equal([], core.list_namespaced_secret(namespace, label_selector="story=pages").items)


def watching():
    start = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, config_map("seen", a="1"))
    core.patch_namespaced_config_map("seen", namespace, {"data": {"a": "2"}})
    core.delete_namespaced_config_map("seen", namespace)
    events = []
    for event in watch.Watch().stream(core.list_namespaced_config_map, namespace, label_selector="story=watching", resource_version=start, timeout_seconds=20):
        events.append((event["type"], event["object"].data["a"]))
        if event["type"] == "DELETED":
            break
    equal([("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")], events)


def execute():
    said = stream(core.connect_get_namespaced_pod_exec, "shell", namespace, command=["sh", "-c", "echo out; echo err >&2"], stderr=True, stdin=False, stdout=True, tty=False)
    assert "out\n" in said and "err\n" in said, said
    shell = stream(core.connect_get_namespaced_pod_exec, "shell", namespace, command=["sh"], stderr=True, stdin=True, stdout=True, tty=False, _preload_content=False)
    shell.write_stdin("echo $((6*7))\nexit 3\n")
    shell.run_forever(timeout=20)
    equal("42\n", shell.read_stdout())
    equal(3, shell.returncode)
    equal("ready\n", core.read_namespaced_pod_log("shell", namespace))


def applied():
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                 "template": {"metadata": {"labels": {"app": "web"}},
                              "spec": {"containers": [{"name": "web", "image": "sealos.hub/library/hello:1", "ports": [{"containerPort": 8080}]}]}}}}
    utils.create_from_dict(client.ApiClient(), deployment, namespace=namespace)
    apps = client.AppsV1Api()
    deadline = time.monotonic() + 60
    while apps.read_namespaced_deployment_status("web", namespace).status.available_replicas != 2:
        assert time.monotonic() < deadline, apps.read_namespaced_deployment_status("web", namespace).status
        time.sleep(0.2)
    equal(1, apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 1}}).spec.replicas)
    apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")
    while status_of(apps.read_namespaced_deployment, "web", namespace) != 404:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    equal([], [p.metadata.name for p in core.list_namespaced_pod(namespace, label_selector="app=web").items if not p.metadata.deletion_timestamp])


{"discovery": discovery, "life": life, "pages": pages, "watching": watching, "execute": execute, "applied": applied}[story]()
print(story, "ok")
