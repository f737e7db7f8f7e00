using System.Text.Json;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Kinds.Rbac;
using Xunit;

namespace Sealos.ControllerKit_Tests.Caching;

public sealed class SharedPartsTests
{
    [Fact]
    public void Objects_WithEqualParts_HaveOneCopyOfThem_AndSayTheSame()
    {
        var (one, other) = (Read<Role>("a", """ "rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}]"""), Read<Role>("b", """ "rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}]"""));
        var (text, name) = (JsonSerializer.Serialize(one, KubeJson.Options), one.Metadata.Name);

        SharedParts.Share(one);
        SharedParts.Share(other);

        Assert.Same(one.Rules, other.Rules);
        Assert.Same(one.Metadata.Labels, other.Metadata.Labels);
        Assert.Equal(text, JsonSerializer.Serialize(one, KubeJson.Options));
        Assert.Equal(("a", "b"), (name, other.Metadata.Name));
    }

    [Fact]
    public void Objects_WithDifferentParts_KeepTheirOwn()
    {
        var closed = Read<NetworkPolicy>("a", """ "spec":{"podSelector":{},"policyTypes":["Ingress"]}""");
        var open = Read<NetworkPolicy>("a", """ "spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{}]}""", owner: "bob");
        var quota = Read<ResourceQuota>("a", """ "spec":{"hard":{"pods":"20"}},"status":{"hard":{"pods":"20"},"used":{"pods":"1"}}""");
        var fuller = Read<ResourceQuota>("a", """ "spec":{"hard":{"pods":"20"}},"status":{"hard":{"pods":"20"},"used":{"pods":"2"}}""");

        foreach (var obj in new IKubeObject[] { closed, open, quota, fuller })
        {
            SharedParts.Share(obj);
        }

        Assert.Null(closed.Spec!.Ingress);
        Assert.Single(open.Spec!.Ingress!);
        Assert.Equal("bob", open.Metadata.Labels!["owner"]);
        Assert.Equal("ann", closed.Metadata.Labels!["owner"]);
        Assert.Same(quota.Spec, fuller.Spec);
        Assert.Equal(("1", "2"), (quota.Status!.Used!["pods"].ToString(), fuller.Status!.Used!["pods"].ToString()));
    }

    [Fact]
    public void Texts_OfTwoObjects_AreTheSameStrings()
    {
        var (one, other) = (Read<ResourceQuota>("a", """ "spec":{"hard":{"count/configmaps":"200"}}"""), Read<ResourceQuota>("a", """ "spec":{"hard":{"count/configmaps":"200"}}"""));

        Assert.Same(one.Metadata.Name, other.Metadata.Name);
        Assert.Same(one.Spec!.Hard!.Keys.Single(), other.Spec!.Hard!.Keys.Single());
        Assert.Same(one.Spec.Hard.Values.Single().ToString(), other.Spec.Hard.Values.Single().ToString());
    }

    // They would fill the memory with what somebody writes into ever new annotations, long after the objects are gone.
    [Fact]
    public void Pairs_ThatAreLong_AreNotKept()
    {
        var text = new string('x', 200_000);
        var (one, other) = (Read<ConfigMap>("a", """ "data":{}""", text), Read<ConfigMap>("b", """ "data":{}""", text));

        SharedParts.Share(one);
        SharedParts.Share(other);

        Assert.NotSame(one.Metadata.Labels, other.Metadata.Labels);
    }

    private static T Read<T>(string name, string rest, string owner = "ann")
        where T : class => JsonSerializer.Deserialize<T>($$$"""{"metadata":{"name":"{{{name}}}","labels":{"owner":"{{{owner}}}"}},{{{rest}}}}""", KubeJson.Options)!;
}
