using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Serialization;

public sealed class ProtobufDecoderTests
{
    [Fact]
    public void Decode_KubectlDeployment_KeepsPointersThatAreZero()
    {
        var obj = Decode(KubectlBodies.Deployment);

        Assert.Equal("apps/v1", obj.Text("apiVersion"));
        Assert.Equal("Deployment", obj.Text("kind"));
        Assert.Equal(0, Sample.Get(obj, "spec.replicas").AsNumber());
        Assert.Equal("web", Sample.Get(obj, "spec.selector.matchLabels.app").AsText());
        Assert.Equal("nginx:1", Sample.Get(obj, "spec.template.spec.containers[0].image").AsText());
        Assert.Equal(80, Sample.Get(obj, "spec.template.spec.containers[0].ports[0].containerPort").AsNumber());
    }

    [Fact]
    public void Decode_UnsetScalars_AreLeftOut()
    {
        var port = (JsonObject)Sample.Get(Decode(KubectlBodies.Deployment), "spec.template.spec.containers[0].ports[0]")!;

        Assert.Equal(["containerPort"], port.Select(p => p.Key));
    }

    [Fact]
    public void Decode_UnsetTime_IsLeftOut() =>
        Assert.False(((JsonObject)Decode(KubectlBodies.Namespace)["metadata"]!).ContainsKey("creationTimestamp"));

    [Fact]
    public void Decode_IntOrString_KeepsItsForm()
    {
        Assert.Equal("http", Sample.Get(Decode(KubectlBodies.ClusterIpService), "spec.ports[0].targetPort").AsText());
        Assert.Equal(8080, Sample.Get(Decode(KubectlBodies.NodePortService), "spec.ports[0].targetPort").AsNumber());
        Assert.Equal("50%", Sample.Get(Decode(KubectlBodies.DisruptionBudget), "spec.minAvailable").AsText());
    }

    [Fact]
    public void Decode_Bytes_AreBase64() => Assert.Equal("Yg==", Sample.Get(Decode(KubectlBodies.Secret), "data.a").AsText());

    [Fact]
    public void Decode_Quantities_AreStrings() => Assert.Equal("2", Sample.Get(Decode(KubectlBodies.ResourceQuota), "spec.hard.pods").AsText());

    [Fact]
    public void Decode_InlinedTypes_AreFlat()
    {
        var obj = Decode(KubectlBodies.Ingress);

        Assert.Equal("foo.com", Sample.Get(obj, "spec.rules[0].host").AsText());
        Assert.Equal("/bar", Sample.Get(obj, "spec.rules[0].http.paths[0].path").AsText());
        Assert.Equal("http", Sample.Get(obj, "spec.rules[1].http.paths[0].backend.service.port.name").AsText());
    }

    [Theory]
    [InlineData(KubectlBodies.Deployment)]
    [InlineData(KubectlBodies.Namespace)]
    [InlineData(KubectlBodies.Secret)]
    [InlineData(KubectlBodies.ConfigMap)]
    [InlineData(KubectlBodies.ClusterIpService)]
    [InlineData(KubectlBodies.NodePortService)]
    [InlineData(KubectlBodies.ClusterRole)]
    [InlineData(KubectlBodies.RoleBinding)]
    [InlineData(KubectlBodies.Job)]
    [InlineData(KubectlBodies.CronJob)]
    [InlineData(KubectlBodies.Ingress)]
    [InlineData(KubectlBodies.ResourceQuota)]
    [InlineData(KubectlBodies.DisruptionBudget)]
    [InlineData(KubectlBodies.PriorityClass)]
    [InlineData(KubectlBodies.TokenRequest)]
    [InlineData(KubectlBodies.AccessReview)]
    [InlineData(KubectlBodies.SubjectReview)]
    public void Decode_WhatKubectlCreates_FitsTheSchemaAndIsValid(string body)
    {
        var obj = Decode(body);
        var kind = Sample.KindOf(obj);
        Sample.Ready(obj);
        if (kind.IsNamespaced)
        {
            obj["metadata"]!["namespace"] = "default";
        }

        // A job's selector is the server's to make, of the uid.
        Assert.DoesNotContain(Validator.ValidateCreate(obj, kind), e => (kind.Kind, e.Field) is not ("Job", "spec.selector"));
    }

    [Fact]
    public void Decode_DeleteOptions_AreFoundInAnyGroup()
    {
        var body = ProtobufWriter.Envelope("apps/v1", "DeleteOptions", w => w
            .Number(1, 30)
            .Message(2, p => p.Text(1, "u1"))
            .Text(4, "Background"));

        var obj = ProtobufDecoder.Decode(body, KubeSchema.Default);

        Assert.Equal(30, obj.Number("gracePeriodSeconds"));
        Assert.Equal("u1", obj.Child("preconditions").Text("uid"));
        Assert.Equal("Background", obj.Text("propagationPolicy"));
    }

    [Fact]
    public void Decode_GracePeriodOfZero_Survives()
    {
        var obj = ProtobufDecoder.Decode(ProtobufWriter.Envelope("v1", "DeleteOptions", w => w.Number(1, 0)), KubeSchema.Default);

        Assert.Equal(0, obj.Number("gracePeriodSeconds"));
    }

    [Fact]
    public void Decode_Eviction_HasItsOptions()
    {
        var body = ProtobufWriter.Envelope("policy/v1", "Eviction", w => w
            .Message(1, m => m.Text(1, "p").Text(3, "ns"))
            .Message(2, o => o.Number(1, 5)));

        var obj = ProtobufDecoder.Decode(body, KubeSchema.Default);

        Assert.Equal("p", obj.Child("metadata").Text("name"));
        Assert.Equal(5, obj.Child("deleteOptions").Number("gracePeriodSeconds"));
    }

    [Fact]
    public void Decode_Scale_HasReplicas()
    {
        var body = ProtobufWriter.Envelope("autoscaling/v1", "Scale", w => w
            .Message(1, m => m.Text(1, "d"))
            .Message(2, s => s.Number(1, 3)));

        Assert.Equal(3, ProtobufDecoder.Decode(body, KubeSchema.Default).Child("spec").Number("replicas"));
    }

    [Fact]
    public void Decode_Times_AreRfc3339()
    {
        var body = ProtobufWriter.Envelope("coordination.k8s.io/v1", "Lease", w => w
            .Message(1, m => m.Text(1, "l").Message(8, t => t.Number(1, 1_700_000_000)))
            .Message(2, s => s.Message(4, t => t.Number(1, 1_700_000_000).Number(2, 123_456_000))));

        var obj = ProtobufDecoder.Decode(body, KubeSchema.Default);

        Assert.Equal("2023-11-14T22:13:20Z", obj.Child("metadata").Text("creationTimestamp"));
        Assert.Equal("2023-11-14T22:13:20.123456Z", obj.Child("spec").Text("renewTime"));
    }

    [Fact]
    public void Decode_MapOfLists_ReadsTheWrappedLists()
    {
        var body = ProtobufWriter.Envelope("authentication.k8s.io/v1", "TokenReview", w => w
            .Message(3, s => s.Message(2, u => u.Message(4, e => e.Text(1, "k").Message(2, v => v.Text(1, "a").Text(1, "b"))))));

        var extra = (JsonArray)Sample.Get(ProtobufDecoder.Decode(body, KubeSchema.Default), "status.user.extra.k")!;

        Assert.Equal(["a", "b"], extra.Select(v => v.AsText()));
    }

    [Fact]
    public void Decode_EmptyMapValue_IsAnEmptyString()
    {
        var body = ProtobufWriter.Envelope("v1", "ConfigMap", w => w.Message(2, e => e.Text(1, "k")));

        Assert.Equal("", Sample.Get(ProtobufDecoder.Decode(body, KubeSchema.Default), "data.k").AsText());
    }

    [Fact]
    public void Decode_PackedNumbers_AreAList()
    {
        var body = ProtobufWriter.Envelope("v1", "Pod", w => w.Message(2, s => s.Message(14, c => c.Bytes(4, [1, 0x80, 1]))));

        Assert.Equal("[1,128]", Sample.Get(ProtobufDecoder.Decode(body, KubeSchema.Default), "spec.securityContext.supplementalGroups")!.ToJsonString());
    }

    [Fact]
    public void Decode_RawExtension_IsItsJson()
    {
        var body = ProtobufWriter.Envelope("apps/v1", "ControllerRevision", w => w.Message(2, r => r.Text(1, """{"a":[1]}""")).Number(3, 7));

        Assert.Equal("""{"a":[1]}""", ProtobufDecoder.Decode(body, KubeSchema.Default)["data"]!.ToJsonString());
    }

    [Fact]
    public void Decode_SchemaOrBool_IsTheSchemaOrTheBoolean()
    {
        static byte[] Crd(Action<ProtobufWriter> additional) => ProtobufWriter.Envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", w => w
            .Message(2, s => s.Message(7, v => v.Text(1, "v1").Message(4, x => x.Message(1, p => p.Message(30, additional))))));

        var schema = Sample.Get(ProtobufDecoder.Decode(Crd(a => a.Number(1, 1).Message(2, p => p.Text(5, "string"))), KubeSchema.Default), AdditionalPath);
        var boolean = Sample.Get(ProtobufDecoder.Decode(Crd(a => a.Number(1, 1)), KubeSchema.Default), AdditionalPath);

        Assert.Equal("""{"type":"string"}""", schema!.ToJsonString());
        Assert.True(boolean.AsFlag());
    }

    [Fact]
    public void Decode_UnknownFields_AreSkipped()
    {
        var body = ProtobufWriter.Envelope("v1", "ConfigMap", w => w.Number(900, 1).Text(901, "x").Message(1, m => m.Text(1, "a")));

        Assert.Equal("a", ProtobufDecoder.Decode(body, KubeSchema.Default).Child("metadata").Text("name"));
    }

    [Fact]
    public void Decode_UnknownKind_NamesIt()
    {
        var e = Assert.Throws<DecodeException>(() => ProtobufDecoder.Decode(ProtobufWriter.Envelope("v1", "Nope", _ => { }), KubeSchema.Default));

        Assert.Equal("no kind \"Nope\" is registered for version \"v1\"", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k8s")]
    [InlineData("{\"kind\":\"Pod\"}")]
    public void Decode_WithoutPrefix_IsRefused(string body) =>
        Assert.Throws<DecodeException>(() => ProtobufDecoder.Decode(System.Text.Encoding.UTF8.GetBytes(body), KubeSchema.Default));

    [Fact]
    public void Decode_CutShortAnywhere_ThrowsOnlyDecodeExceptions()
    {
        var body = Convert.FromBase64String(KubectlBodies.Deployment);
        var refused = 0;
        for (var length = 0; length < body.Length; length++)
        {
            try
            {
                ProtobufDecoder.Decode(body.AsSpan(0, length), KubeSchema.Default);
            }
            catch (DecodeException)
            {
                refused++;
            }
        }

        Assert.True(refused > body.Length / 2);
    }

    [Fact]
    public void Decode_AnyByteChanged_ThrowsOnlyDecodeExceptions()
    {
        var body = Convert.FromBase64String(KubectlBodies.Ingress);
        var accepted = 0;
        for (var i = 0; i < body.Length; i++)
        {
            foreach (var value in (byte[])[0, 0x7f, 0xff, (byte)(body[i] ^ 3)])
            {
                var copy = (byte[])body.Clone();
                copy[i] = value;
                try
                {
                    ProtobufDecoder.Decode(copy, KubeSchema.Default);
                    accepted++;
                }
                catch (DecodeException)
                {
                }
            }
        }

        Assert.InRange(accepted, 1, (body.Length * 4) - 1);
    }

    [Fact]
    public void Decode_NestedWithoutEnd_IsRefused()
    {
        var props = new ProtobufWriter().Text(5, "object");
        for (var i = 0; i < 400; i++)
        {
            var inner = props;
            props = new ProtobufWriter().Message(30, a => a.Message(2, p => p.Append(inner)));
        }

        var body = ProtobufWriter.Envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", w => w.Message(2, s => s.Message(7, v => v.Message(4, x => x.Message(1, p => p.Append(props))))));

        Assert.Throws<DecodeException>(() => ProtobufDecoder.Decode(body, KubeSchema.Default));
    }

    private const string AdditionalPath = "spec.versions[0].schema.openAPIV3Schema.additionalProperties";

    private static JsonObject Decode(string base64) => ProtobufDecoder.Decode(Convert.FromBase64String(base64), KubeSchema.Default);
}
