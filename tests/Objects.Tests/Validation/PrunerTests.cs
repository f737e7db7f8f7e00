using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Validation;

public sealed class PrunerTests
{
    [Fact]
    public void Prune_UnknownFields_AreRemovedAndNamedByPath()
    {
        var obj = Sample.Yaml("""
            apiVersion: v1
            kind: Pod
            foo: 1
            metadata: {name: p, labels: {any: thing}}
            spec:
              containers:
              - {name: c, bar: {deep: 1}}
              - name: d
                env: [{name: A, valueFrom: {fieldRef: {fieldPath: x, zzz: 1}}}]
            """);

        var unknown = Prune(obj);

        Assert.Equal(["foo", "spec.containers[0].bar", "spec.containers[1].env[0].valueFrom.fieldRef.zzz"], unknown);
        Assert.False(obj.ContainsKey("foo"));
        Assert.Equal("thing", Sample.Get(obj, "metadata.labels.any").AsText());
    }

    [Fact]
    public void Prune_ZeroValues_GoUnlessThePointerKeepsThem()
    {
        var obj = Sample.Yaml("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d, generation: 0, labels: {}}
            spec:
              replicas: 0
              paused: false
              minReadySeconds: 0
              template:
                spec:
                  hostNetwork: false
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 0
                  volumes: []
                  containers:
                  - {name: c, workingDir: "", ports: [{containerPort: 80, protocol: "", name: ""}], env: [{name: A, value: ""}]}
            """);

        Assert.Empty(Prune(obj));

        Assert.Equal("""{"name":"d"}""", obj["metadata"]!.ToJsonString());
        Assert.Equal("""{"replicas":0,"template":{"metadata":{},"spec":{"containers":[{"name":"c","ports":[{"containerPort":80}],"env":[{"name":"A"}],"resources":{}}],"terminationGracePeriodSeconds":0,"automountServiceAccountToken":false}},"strategy":{}}""", obj["spec"]!.ToJsonString());
    }

    [Fact]
    public void Prune_Nulls_Go()
    {
        var obj = Sample.Yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, creationTimestamp: null, annotations: null}, data: null, immutable: null}");

        Prune(obj);

        Assert.Equal("""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"c"}}""", obj.ToJsonString());
    }

    [Fact]
    public void Prune_NullsInListsAndMaps_BecomeZeroValues()
    {
        var obj = Sample.Yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, finalizers: [null]}, data: {a: null}}");

        Prune(obj);

        Assert.Equal("", Sample.Get(obj, "data.a").AsText());
        Assert.Equal("", Sample.Get(obj, "metadata.finalizers[0]").AsText());
    }

    [Fact]
    public void Prune_WhatIsAlwaysWritten_IsAdded()
    {
        var obj = Sample.Yaml("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}}");

        Prune(obj);

        Assert.Equal(0, Sample.Get(obj, "status.availableReplicas").AsNumber());
        Assert.Equal("{}", Sample.Get(obj, "spec.updateStrategy")!.ToJsonString());
    }

    [Fact]
    public void Prune_Values_TakeTheirCanonicalSpelling()
    {
        var obj = Sample.Yaml("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, creationTimestamp: "2026-11-22T04:49:33.5+02:00"}
            spec:
              containers:
              - name: c
                resources: {limits: {cpu: 0.5, memory: 1024Mi}, requests: {cpu: 1e-1}}
                livenessProbe: {periodSeconds: 5.0, httpGet: {port: 80.0}}
            """);

        Prune(obj);

        Assert.Equal("2026-11-22T02:49:33Z", Sample.Get(obj, "metadata.creationTimestamp").AsText());
        Assert.Equal("""{"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":"100m"}}""", Sample.Get(obj, "spec.containers[0].resources")!.ToJsonString());
        Assert.Equal("5", Sample.Get(obj, "spec.containers[0].livenessProbe.periodSeconds")!.ToJsonString());
    }

    [Fact]
    public void Prune_EqualObjectsInOtherOrder_HaveEqualBytes()
    {
        var one = Sample.Yaml("{kind: Service, apiVersion: v1, metadata: {name: s, labels: {b: '1', a: '2'}}, spec: {type: ClusterIP, ports: [{port: 80, name: x}]}}");
        var other = Sample.Yaml("{spec: {ports: [{name: x, port: 80, nodePort: 0}], type: ClusterIP}, metadata: {labels: {a: '2', b: '1'}, name: s}, apiVersion: v1, kind: Service, status: {}}");

        Prune(one);
        Prune(other);

        Assert.Equal(Encoding.UTF8.GetString(JsonText.Write(one)), Encoding.UTF8.GetString(JsonText.Write(other)));
    }

    [Fact]
    public void Prune_RawValues_AreLeftAlone()
    {
        var obj = Sample.Yaml("{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: c}, data: {any: {thing: null, zero: 0}}, revision: 1}");

        Assert.Empty(Prune(obj));

        Assert.Equal("""{"any":{"thing":null,"zero":0}}""", obj["data"]!.ToJsonString());
    }

    [Fact]
    public void Prune_SchemasOfCustomKinds_ArePrunedInside()
    {
        var obj = Sample.Yaml("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: a.b}
            spec:
              versions:
              - name: v1
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      x: {type: array, items: {type: string, wrong: 1}}
                      any: {type: object, additionalProperties: true}
            """);

        Assert.Equal(["spec.versions[0].schema.openAPIV3Schema.properties.x.items.wrong"], Prune(obj));
        Assert.True(Sample.Get(obj, "spec.versions[0].schema.openAPIV3Schema.properties.any.additionalProperties").AsFlag());
    }

    [Fact]
    public void Prune_Twice_ChangesNothing()
    {
        var obj = Sample.Yaml(Sample.Deployment);
        Prune(obj);
        var once = obj.ToJsonString();

        Prune(obj);

        Assert.Equal(once, obj.ToJsonString());
    }

    private static IReadOnlyList<string> Prune(JsonObject obj) => Pruner.Prune(obj, KubeSchema.Default.GetType(Sample.KindOf(obj)));
}
