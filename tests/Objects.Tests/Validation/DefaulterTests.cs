using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Validation;

public sealed class DefaulterTests
{
    [Fact]
    public void Default_Pod_GetsWhatKubernetesGives()
    {
        var pod = Sample.With(
            Sample.Pod,
            ("spec.containers[0].ports", "[{containerPort: 80}]"),
            ("spec.containers[0].livenessProbe", "{httpGet: {port: 80}}"),
            ("spec.containers[0].env", "[{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"),
            ("spec.volumes", "[{name: s, secret: {secretName: x}}, {name: h, hostPath: {path: /x}}, {name: e}, {name: p, projected: {sources: [{serviceAccountToken: {path: t}}]}}]"));

        AssertYaml("""
            containers:
            - env:
              - name: A
                valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}
              image: nginx:1
              imagePullPolicy: IfNotPresent
              livenessProbe:
                failureThreshold: 3
                httpGet: {path: /, port: 80, scheme: HTTP}
                periodSeconds: 10
                successThreshold: 1
                timeoutSeconds: 1
              name: c
              ports: [{containerPort: 80, protocol: TCP}]
              resources: {}
              terminationMessagePath: /dev/termination-log
              terminationMessagePolicy: File
            dnsPolicy: ClusterFirst
            enableServiceLinks: true
            restartPolicy: Always
            schedulerName: default-scheduler
            securityContext: {}
            terminationGracePeriodSeconds: 30
            volumes:
            - {name: s, secret: {defaultMode: 420, secretName: x}}
            - {name: h, hostPath: {path: /x, type: ""}}
            - {name: e, emptyDir: {}}
            - {name: p, projected: {defaultMode: 420, sources: [{serviceAccountToken: {expirationSeconds: 3600, path: t}}]}}
            """, pod["spec"]);
    }

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1", "IfNotPresent")]
    [InlineData("reg:5000/nginx", "Always")]
    [InlineData("reg:5000/nginx:v1", "IfNotPresent")]
    [InlineData("nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "IfNotPresent")]
    [InlineData("nginx:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "Always")]
    public void Default_PullPolicy_FollowsTheTag(string image, string policy) =>
        Assert.Equal(policy, Sample.Get(Sample.With(Sample.Pod, ("spec.containers[0].image", $"'{image}'")), "spec.containers[0].imagePullPolicy").AsText());

    [Fact]
    public void Default_RequestsOfAPod_ComeFromItsLimits()
    {
        var resources = Sample.Get(Sample.With(Sample.Pod, ("spec.containers[0].resources", "{limits: {cpu: '1', memory: 1Gi}, requests: {cpu: 100m}}")), "spec.containers[0].resources.requests");

        Assert.Equal("""{"cpu":"100m","memory":"1Gi"}""", resources!.ToJsonString());
    }

    [Fact]
    public void Default_RequestsOfATemplate_AreLeftAlone() =>
        Assert.Null(Sample.Get(Sample.With(Sample.Deployment, ("spec.template.spec.containers[0].resources", "{limits: {cpu: '1'}}")), "spec.template.spec.containers[0].resources.requests"));

    [Fact]
    public void Default_OldServiceAccountName_IsMirrored()
    {
        Assert.Equal("x", Sample.With(Sample.Pod, ("spec.serviceAccount", "x")).Child("spec").Text("serviceAccountName"));
        Assert.Equal("x", Sample.With(Sample.Pod, ("spec.serviceAccountName", "x")).Child("spec").Text("serviceAccount"));
    }

    [Fact]
    public void Default_HostNetwork_TakesThePortsOfTheHost() =>
        Assert.Equal(80, Sample.Get(Sample.With(Sample.Pod, ("spec.hostNetwork", "true"), ("spec.containers[0].ports", "[{containerPort: 80}]")), "spec.containers[0].ports[0].hostPort").AsNumber());

    [Fact]
    public void Default_Deployment_GetsItsStrategy()
    {
        var spec = Sample.Ready(Sample.Deployment).Child("spec")!;

        Assert.Equal(1, spec.Number("replicas"));
        Assert.Equal(10, spec.Number("revisionHistoryLimit"));
        Assert.Equal(600, spec.Number("progressDeadlineSeconds"));
        AssertYaml("{type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}", spec["strategy"]);
        Assert.Null(spec.Child("template", "spec").Flag("enableServiceLinks"));
    }

    [Fact]
    public void Default_Recreate_GetsNoRollingUpdate() =>
        AssertYaml("{type: Recreate}", Sample.With(Sample.Deployment, ("spec.strategy", "{type: Recreate}")).Child("spec")!["strategy"]);

    [Fact]
    public void Default_ReplicasOfZero_Stay() => Assert.Equal(0, Sample.With(Sample.Deployment, ("spec.replicas", "0")).Child("spec").Number("replicas"));

    [Fact]
    public void Default_StatefulSet_GetsItsOrderAndClaims()
    {
        var spec = Sample.With(
            Sample.Deployment.Replace("Deployment", "StatefulSet", StringComparison.Ordinal),
            ("spec.serviceName", "s"),
            ("spec.volumeClaimTemplates", "[{metadata: {name: v}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]")).Child("spec")!;

        Assert.Equal("OrderedReady", spec.Text("podManagementPolicy"));
        AssertYaml("{whenDeleted: Retain, whenScaled: Retain}", spec["persistentVolumeClaimRetentionPolicy"]);
        AssertYaml("{type: RollingUpdate, rollingUpdate: {partition: 0}}", spec["updateStrategy"]);
        AssertYaml("""
            kind: PersistentVolumeClaim
            apiVersion: v1
            metadata: {name: v}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, volumeMode: Filesystem}
            status: {phase: Pending}
            """, Sample.Get(spec, "volumeClaimTemplates[0]"));
    }

    [Fact]
    public void Default_DaemonSet_GetsItsStrategy() =>
        AssertYaml("{type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}", Sample.Get(Sample.Ready(Sample.Deployment.Replace("Deployment", "DaemonSet", StringComparison.Ordinal)), "spec.updateStrategy"));

    [Fact]
    public void Default_Service_GetsItsPortsAndFamilies() => AssertYaml("""
        internalTrafficPolicy: Cluster
        ipFamilies: [IPv4]
        ipFamilyPolicy: SingleStack
        ports: [{port: 80, protocol: TCP, targetPort: 80}]
        selector: {app: d}
        sessionAffinity: None
        type: ClusterIP
        """, Sample.Ready(Sample.Service)["spec"]);

    [Fact]
    public void Default_LoadBalancer_GetsItsPolicies()
    {
        var spec = Sample.With(Sample.Service, ("spec.type", "LoadBalancer"), ("spec.sessionAffinity", "ClientIP")).Child("spec")!;

        Assert.Equal("Cluster", spec.Text("externalTrafficPolicy"));
        Assert.True(spec.Flag("allocateLoadBalancerNodePorts"));
        Assert.Equal(10800, Sample.Get(spec, "sessionAffinityConfig.clientIP.timeoutSeconds").AsNumber());
    }

    [Fact]
    public void Default_ExternalName_GetsNoAddresses() => AssertYaml(
        "{externalName: a.b, sessionAffinity: None, type: ExternalName}",
        Sample.Ready("{apiVersion: v1, kind: Service, metadata: {name: s, namespace: 'ns'}, spec: {type: ExternalName, externalName: a.b}}")["spec"]);

    [Fact]
    public void Default_HeadlessService_ListsItsAddress() =>
        AssertYaml("[None]", Sample.With(Sample.Service, ("spec.clusterIP", "None")).Child("spec")!["clusterIPs"]);

    [Theory]
    [InlineData("{apiVersion: v1, kind: Namespace, metadata: {name: a}}", "metadata.labels", "{kubernetes.io/metadata.name: a}")]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: Yg==, j: ''}, stringData: {k: c}}", "data", "{j: '', k: Yw==}")]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {name: a}}", "type", "Opaque")]
    [InlineData("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {}}", "spec.volumeMode", "Filesystem")]
    [InlineData("{apiVersion: v1, kind: Node, metadata: {name: a}, status: {capacity: {cpu: '2'}}}", "status.allocatable", "{cpu: '2'}")]
    [InlineData("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}}}", "spec.policyTypes", "[Ingress]")]
    [InlineData("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, egress: [{}]}}", "spec.policyTypes", "[Ingress, Egress]")]
    [InlineData("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s}]}", "roleRef.apiGroup", "rbac.authorization.k8s.io")]
    [InlineData("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s}]}", "subjects", "[{kind: User, apiGroup: rbac.authorization.k8s.io, name: u}, {kind: ServiceAccount, name: s}]")]
    [InlineData("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: 3, behavior: {scaleDown: {selectPolicy: Min}}, scaleTargetRef: {kind: Deployment, name: d}}}", "spec.behavior", "{scaleDown: {selectPolicy: Min, policies: [{type: Percent, value: 100, periodSeconds: 15}]}, scaleUp: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Pods, value: 4, periodSeconds: 15}, {type: Percent, value: 100, periodSeconds: 15}]}}")]
    [InlineData("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: d}}}", "spec.metrics", "[{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]")]
    [InlineData("{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: {restartPolicy: Never}}}}", "spec.completions", "1")]
    [InlineData("{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {backoffLimitPerIndex: 1, template: {spec: {restartPolicy: Never}}}}", "spec.backoffLimit", "2147483647")]
    [InlineData("{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never}}}}}}", "spec.successfulJobsHistoryLimit", "3")]
    [InlineData("{apiVersion: v1, kind: ReplicationController, metadata: {name: a}, spec: {template: {metadata: {labels: {x: z}}}}}", "spec.selector", "{x: z}")]
    [InlineData("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a}, addressType: IPv4, endpoints: [], ports: [{port: 80}]}", "ports", "[{name: '', protocol: TCP, port: 80}]")]
    [InlineData("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, spec: {names: {kind: Foo, plural: foos}}}", "spec.names", "{plural: foos, singular: foo, kind: Foo, listKind: FooList}")]
    [InlineData("{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, provisioner: x}", "reclaimPolicy", "Delete")]
    [InlineData("{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: 1}", "preemptionPolicy", "PreemptLowerPriority")]
    public void Default_OtherKinds_GetTheirs(string yaml, string path, string expected)
    {
        var obj = Sample.Ready(yaml);

        AssertYaml($"v: {expected}", new JsonObject { ["v"] = Sample.Get(obj, path)?.DeepClone() });
        Assert.False(obj.ContainsKey("stringData"));
    }

    [Theory]
    [InlineData(Sample.Pod)]
    [InlineData(Sample.Deployment)]
    [InlineData(Sample.Service)]
    [InlineData(Sample.Ingress)]
    public void Default_Twice_ChangesNoByte(string yaml)
    {
        var obj = Sample.Ready(yaml);
        var once = obj.ToJsonString();

        Sample.Ready(obj);

        Assert.Equal(once, obj.ToJsonString());
    }

    [Fact]
    public void Default_WhereClientsSetDefaultsThemselves_GivesTheSameBytes()
    {
        var implicitly = Sample.Ready(Sample.Deployment);
        var explicitly = Sample.Ready((JsonObject)implicitly.DeepClone());
        var partly = Sample.With(Sample.Deployment, ("spec.template.spec.dnsPolicy", "ClusterFirst"), ("spec.replicas", "1"), ("spec.strategy", "{type: RollingUpdate}"));

        Assert.Equal(implicitly.ToJsonString(), explicitly.ToJsonString());
        Assert.Equal(implicitly.ToJsonString(), partly.ToJsonString());
    }

    private static void AssertYaml(string expected, JsonNode? actual)
    {
        var wanted = YamlText.Parse(expected);
        Assert.True(JsonNode.DeepEquals(wanted, actual), $"expected {YamlText.Write(wanted)}\nbut it is {YamlText.Write(actual)}");
    }
}
