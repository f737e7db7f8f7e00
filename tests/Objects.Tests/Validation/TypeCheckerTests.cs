using Sealos.Objects.Schema;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Validation;

public sealed class TypeCheckerTests
{
    [Theory]
    [InlineData("{kind: ConfigMap, data: {a: 1}}", "json: cannot unmarshal number into Go struct field ConfigMap.data.a of type string")]
    [InlineData("{kind: ConfigMap, data: [a]}", "json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string")]
    [InlineData("{kind: ConfigMap, immutable: 'yes'}", "json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool")]
    [InlineData("{kind: ConfigMap, metadata: x}", "json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta")]
    [InlineData("{kind: ConfigMap, binaryData: {a: '%%%'}}", "binaryData.a: illegal base64 data")]
    [InlineData("{kind: Pod, spec: {containers: {}}}", "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container")]
    [InlineData("{kind: Pod, spec: {containers: [x]}}", "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container")]
    [InlineData("{kind: Pod, spec: {containers: [{env: [{name: A, value: 1}]}]}}", "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string")]
    [InlineData("{kind: Pod, spec: {hostNetwork: 1}}", "json: cannot unmarshal number into Go struct field PodSpec.spec.hostNetwork of type bool")]
    [InlineData("{kind: Pod, spec: {priority: 1.5}}", "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32")]
    [InlineData("{kind: Pod, spec: {priority: 3000000000}}", "json: cannot unmarshal number 3000000000 into Go struct field PodSpec.spec.priority of type int32")]
    [InlineData("{kind: Pod, spec: {priority: '1'}}", "json: cannot unmarshal string into Go struct field PodSpec.spec.priority of type int32")]
    [InlineData("{kind: Pod, spec: {containers: [{resources: {limits: {cpu: 1 cpu}}}]}}", "spec.containers[0].resources.limits.cpu: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', not \"1 cpu\"")]
    [InlineData("{kind: Pod, spec: {containers: [{resources: {limits: {cpu: true}}}]}}", "json: cannot unmarshal bool into Go struct field ResourceRequirements.spec.containers.resources.limits.cpu of type resource.Quantity")]
    [InlineData("{kind: Pod, metadata: {creationTimestamp: yesterday}}", "metadata.creationTimestamp: parsing time \"yesterday\": a time such as 2006-01-02T15:04:05Z is expected")]
    [InlineData("{kind: Service, spec: {ports: [{targetPort: true}]}}", "json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type intstr.IntOrString")]
    public void Check_WrongType_NamesTheField(string yaml, string message)
    {
        var obj = Sample.Yaml(yaml);
        obj["apiVersion"] = "v1";

        Assert.Equal(message, TypeChecker.Check(obj, KubeSchema.Default.GetType(Sample.KindOf(obj))));
    }

    [Theory]
    [InlineData("{kind: ConfigMap, data: null, metadata: null}")]
    [InlineData("{kind: ConfigMap, unknown: {any: [1, x]}}")]
    [InlineData("{kind: Pod, spec: {containers: [null, {name: null}]}}")]
    [InlineData("{kind: Pod, spec: {containers: [{resources: {limits: {cpu: 1, memory: 1.5}}, livenessProbe: {httpGet: {port: http}}}]}}")]
    [InlineData("{kind: Pod, spec: {terminationGracePeriodSeconds: 30.0}}")]
    [InlineData("{kind: ConfigMap, binaryData: {a: 'Yg==', b: ''}}")]
    public void Check_WhatFits_IsAccepted(string yaml)
    {
        var obj = Sample.Yaml(yaml);
        obj["apiVersion"] = "v1";

        Assert.Null(TypeChecker.Check(obj, KubeSchema.Default.GetType(Sample.KindOf(obj))));
    }
}
