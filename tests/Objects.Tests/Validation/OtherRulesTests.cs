using System.Text;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Tests.Validation;

/// <summary>Config maps, secrets, RBAC, storage, policies and the small kinds.</summary>
public sealed class OtherRulesTests
{
    private const string Map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: 'ns'}, data: {a: b}}";
    private const string Secret = "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: 'ns'}, data: {a: Yg==}}";
    private const string Role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r, namespace: 'ns'}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}";
    private const string Binding = "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b, namespace: 'ns'}, roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}]}";
    private const string Claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: p, namespace: 'ns'}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}";
    private const string Volume = "{apiVersion: v1, kind: PersistentVolume, metadata: {name: p}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /x}}}";
    private const string Budget = "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: p, namespace: 'ns'}, spec: {minAvailable: 1}}";
    private const string Scaler = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h, namespace: 'ns'}, spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: d}}}";
    private const string Limits = "{apiVersion: v1, kind: LimitRange, metadata: {name: l, namespace: 'ns'}, spec: {limits: [{type: Container, max: {cpu: '2'}, min: {cpu: '1'}}]}}";
    private const string Priority = "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: p}, value: 5}";
    private const string Event = "{apiVersion: v1, kind: Event, metadata: {name: e, namespace: 'ns'}, involvedObject: {kind: Pod, namespace: 'ns', name: p}}";
    private const string Lease = "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: l, namespace: 'ns'}, spec: {holderIdentity: a, leaseDurationSeconds: 15}}";
    private const string Node = "{apiVersion: v1, kind: Node, metadata: {name: 'n'}, spec: {taints: [{key: a, effect: NoSchedule}]}}";
    private const string Class = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: c}, provisioner: example.com/p}";
    private const string IngressClass = "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: c}, spec: {controller: example.com/c}}";

    [Fact]
    public void Create_PlainObjects_AreAccepted()
    {
        foreach (var yaml in new[] { Map, Secret, Role, Binding, Claim, Volume, Budget, Scaler, Limits, Priority, Event, Lease, Node, Class, IngressClass })
        {
            Assert.Empty(Sample.CreateErrors(Sample.Ready(yaml)));
        }
    }

    [Theory]
    [InlineData(Map, "data", "{a/b: c}", "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")]
    [InlineData(Map, "binaryData", "{a: Yg==}", "data[a]: Invalid value: \"a\": duplicate of key present in binaryData")]
    [InlineData(Secret, "data", "{..: Yg==}", "data[..]: Invalid value: \"..\": must not be '..'")]
    [InlineData(Secret, "type", "kubernetes.io/basic-auth", "data[username]: Required value", 2)]
    [InlineData(Secret, "type", "kubernetes.io/ssh-auth", "data[ssh-privatekey]: Required value")]
    [InlineData(Secret, "type", "kubernetes.io/tls", "data[tls.crt]: Required value", 2)]
    [InlineData(Secret, "type", "kubernetes.io/dockerconfigjson", "data[.dockerconfigjson]: Required value")]
    [InlineData(Secret, "type", "kubernetes.io/service-account-token", "metadata.annotations[kubernetes.io/service-account.name]: Required value")]
    [InlineData(Role, "rules", "[{apiGroups: [''], resources: [pods]}]", "rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData(Role, "rules", "[{verbs: [get], resources: [pods]}]", "rules[0].apiGroups: Required value: resource rules must supply at least one api group")]
    [InlineData(Role, "rules", "[{verbs: [get], apiGroups: ['']}]", "rules[0].resources: Required value: resource rules must supply at least one resource")]
    [InlineData(Role, "rules", "[{verbs: [get], nonResourceURLs: [/x]}]", "rules[0].nonResourceURLs: Invalid value: []string{\"/x\"}: namespaced rules cannot apply to non-resource URLs")]
    [InlineData(Role, "metadata.name", "a/b", "metadata.name: Invalid value: \"a/b\": may not contain '/'")]
    [InlineData(Binding, "roleRef", "{kind: Thing, name: r}", "roleRef.kind: Unsupported value: \"Thing\": supported values: \"ClusterRole\", \"Role\"")]
    [InlineData(Binding, "roleRef", "{kind: Role}", "roleRef.name: Required value")]
    [InlineData(Binding, "subjects", "[{kind: Robot, name: r}]", "subjects[0].kind: Unsupported value: \"Robot\": supported values: \"Group\", \"ServiceAccount\", \"User\"")]
    [InlineData(Binding, "subjects", "[{kind: User, name: ''}]", "subjects[0].name: Required value")]
    [InlineData(Binding, "subjects", "[{kind: ServiceAccount, name: A}]", "subjects[0].name: Invalid value: \"A\"")]
    [InlineData(Claim, "spec.accessModes", "[]", "spec.accessModes: Required value: at least 1 access mode is required")]
    [InlineData(Claim, "spec.accessModes", "[ReadSometimes]", "spec.accessModes[0]: Unsupported value: \"ReadSometimes\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\"")]
    [InlineData(Claim, "spec.resources", "{}", "spec.resources[storage]: Required value")]
    [InlineData(Claim, "spec.resources", "{requests: {storage: 0}}", "spec.resources[storage]: Invalid value: \"0\": must be greater than zero")]
    [InlineData(Volume, "spec.hostPath", null, "spec: Required value: must specify a volume type")]
    [InlineData(Volume, "spec.capacity", "{}", "spec.capacity: Required value")]
    [InlineData(Volume, "spec.nfs", "{server: a, path: /b}", "spec.nfs: Forbidden: may not specify more than 1 volume type")]
    [InlineData(Class, "provisioner", "''", "provisioner: Required value")]
    [InlineData(IngressClass, "spec.controller", "plain", "spec.controller: Invalid value: \"plain\": must be a domain-prefixed path")]
    [InlineData(Budget, "spec.maxUnavailable", "1", "minAvailable and maxUnavailable cannot be both set")]
    [InlineData(Budget, "spec.minAvailable", "half", "spec.minAvailable: Invalid value: \"half\": a valid percent string")]
    [InlineData(Scaler, "spec.maxReplicas", "0", "spec.maxReplicas: Invalid value: 0: must be greater than 0", 2)]
    [InlineData(Scaler, "spec.minReplicas", "5", "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`")]
    [InlineData(Scaler, "spec.scaleTargetRef", "{kind: Deployment}", "spec.scaleTargetRef.name: Required value")]
    [InlineData(Scaler, "spec.metrics", "[{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 0}}}]", "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0")]
    [InlineData(Scaler, "spec.metrics", "[{type: Resource, resource: {name: cpu, target: {type: Utilization}}}]", "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization")]
    [InlineData(Scaler, "spec.metrics", "[{type: Pods, resource: {name: cpu, target: {type: AverageValue, averageValue: 1}}}]", "spec.metrics[0].pods: Required value: must populate information for the given metric source")]
    [InlineData(Scaler, "spec.metrics", "[{type: External, external: {metric: {name: q}, target: {type: Value, value: 1, averageValue: 1}}}]", "spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target")]
    [InlineData(Scaler, "spec.metrics", "[{type: ContainerResource, containerResource: {name: cpu, target: {type: Utilization, averageUtilization: 1}}}]", "spec.metrics[0].containerResource.container: Required value: must specify a container")]
    [InlineData(Scaler, "spec.behavior", "{scaleUp: {stabilizationWindowSeconds: 3601, policies: [{type: Pods, value: 1, periodSeconds: 15}]}}", "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600")]
    [InlineData(Scaler, "spec.behavior", "{scaleDown: {policies: [{type: Pods, value: 0, periodSeconds: 1801}]}}", "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero", 2)]
    [InlineData(Limits, "spec.limits[0].min", "{cpu: '3'}", "spec.limits[0].min[cpu]: Invalid value: \"3\": min value 3 is greater than max value 2", 3)]
    [InlineData(Priority, "value", "1000000001", "value: Forbidden: maximum allowed value of a user defined priority is 1000000000")]
    [InlineData(Priority, "metadata.name", "system-mine", "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only")]
    [InlineData(Event, "involvedObject.namespace", "other", "involvedObject.namespace: Invalid value: \"other\": does not match event.namespace")]
    [InlineData(Lease, "spec.leaseDurationSeconds", "0", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData(Node, "spec.taints", "[{key: a, effect: Sometimes}]", "spec.taints[0].effect: Unsupported value: \"Sometimes\"")]
    [InlineData(Node, "spec.taints", "[{key: a}]", "spec.taints[0].effect: Required value")]
    public void Create_BadObject_IsNamed(string yaml, string path, string? value, string expected, int count = 1)
    {
        var errors = Sample.CreateErrors(Sample.With(yaml, (path, value)));

        Assert.Contains(errors, e => e.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(count, errors.Count);
    }

    [Fact]
    public void Create_DataBeyondItsSize_IsRefused()
    {
        var map = Sample.Ready(Map);
        map["data"] = new JsonObject { ["a"] = new string('x', 1024 * 1024) };
        Assert.Empty(Sample.CreateErrors(map));
        map["data"]!["b"] = "y";
        var secret = Sample.Ready(Secret);
        secret["data"] = new JsonObject { ["a"] = Convert.ToBase64String(new byte[(1024 * 1024) + 1]) };

        Assert.Equal(["[]: Too long: may not be more than 1048576 bytes"], Sample.CreateErrors(map));
        Assert.Equal(["data: Too long: may not be more than 1048576 bytes"], Sample.CreateErrors(secret));
    }

    [Fact]
    public void Create_DockerConfigThatIsNotJson_DoesNotShowItsContents()
    {
        var secret = Sample.Ready(Secret);
        secret["type"] = "kubernetes.io/dockerconfigjson";
        secret["data"] = new JsonObject { [".dockerconfigjson"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("password")) };

        Assert.Equal(["data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'p' at byte 0"], Sample.CreateErrors(secret));
    }

    [Theory]
    [InlineData(Map, "immutable: true", "data", "{a: c}", "data: Forbidden: field is immutable when `immutable` is set")]
    [InlineData(Map, "immutable: true", "immutable", null, "immutable: Forbidden: field is immutable when `immutable` is set")]
    [InlineData(Secret, "immutable: true", "data", "{a: Yw==}", "data: Forbidden: field is immutable when `immutable` is set")]
    [InlineData(Secret, "", "type", "other", "type: Invalid value: \"other\": field is immutable")]
    [InlineData(Binding, "", "roleRef.name", "other", "roleRef: Invalid value: rbac.RoleRef{APIGroup:\"rbac.authorization.k8s.io\", Kind:\"Role\", Name:\"other\"}: cannot change roleRef")]
    [InlineData(Claim, "", "spec.accessModes", "[ReadOnlyMany]", "spec: Forbidden: spec is immutable after creation except resources.requests")]
    [InlineData(Claim, "", "spec.resources.requests.storage", "2Gi", "spec: Forbidden: spec is immutable after creation except resources.requests")]
    [InlineData(Claim, "status: {phase: Bound}", "spec.resources.requests.storage", "500Mi", "spec.resources.requests.storage: Forbidden: field can not be less than previous value")]
    [InlineData(Volume, "", "spec.hostPath.path", "/other", "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation")]
    [InlineData(Class, "", "reclaimPolicy", "Retain", "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.")]
    [InlineData(IngressClass, "", "spec.controller", "example.com/d", "spec.controller: Invalid value: \"example.com/d\": field is immutable")]
    [InlineData(Priority, "", "value", "6", "value: Forbidden: may not be changed in an update.")]
    [InlineData(Node, "spec: {podCIDR: 10.0.0.0/24}", "spec.podCIDR", "10.0.1.0/24", "spec.podCIDR: Forbidden: node updates may not change it once it is set")]
    public void Update_WhatIsFixed_IsRefused(string yaml, string also, string path, string? value, string expected)
    {
        var old = Sample.Yaml(yaml);
        if (also.Length > 0)
        {
            foreach (var (name, extra) in Sample.Yaml(also))
            {
                old[name] = extra!.DeepClone();
            }
        }

        Sample.Ready(old);
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, path, value);

        Assert.StartsWith(expected, Assert.Single(Sample.UpdateErrors(changed, old)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "spec.volumeName", "v")]
    [InlineData("", "spec.storageClassName", "fast")]
    [InlineData("status: {phase: Bound}", "spec.resources.requests.storage", "2Gi")]
    [InlineData("", "metadata.labels", "{a: b}")]
    public void Update_WhatAClaimMayChange_IsAccepted(string also, string path, string value)
    {
        var old = Sample.Yaml(Claim);
        if (also.Length > 0)
        {
            old["status"] = Sample.Yaml(also)["status"]!.DeepClone();
        }

        Sample.Ready(old);
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, path, value);

        Assert.Empty(Sample.UpdateErrors(changed, old));
    }

    [Fact]
    public void Create_ClusterRoleBinding_NeedsTheNamespaceOfAccounts()
    {
        const string Yaml = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: Role, name: r}, subjects: [{kind: ServiceAccount, name: s}]}";

        Assert.Equal(["roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"", "subjects[0].namespace: Required value"], Sample.CreateErrors(Sample.Ready(Yaml)));
    }

    [Fact]
    public void Create_EventOfAClusterScopedObject_MayLiveInDefault() =>
        Assert.Empty(Sample.CreateErrors(Sample.Ready("{apiVersion: v1, kind: Event, metadata: {name: e, namespace: default}, involvedObject: {kind: Node, name: 'n'}}")));

    [Fact]
    public void Create_Review_HasNoMetadataToJudge() =>
        Assert.Empty(Sample.CreateErrors(Sample.Ready("{apiVersion: authorization.k8s.io/v1, kind: SelfSubjectAccessReview, spec: {resourceAttributes: {verb: get, resource: pods}}}")));
}
