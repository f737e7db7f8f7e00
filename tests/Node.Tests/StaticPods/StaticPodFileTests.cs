using System.Text;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Node.StaticPods;
using Xunit;

namespace Sealos.Node.Tests.StaticPods;

public sealed class StaticPodFileTests
{
    private const string Good = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: c\n    image: hello:1\n";

    [Fact]
    public void Read_Pod_IsNamedAfterItsNodeAndComplete()
    {
        var pod = Read(Good);

        Assert.Equal(("web-n1", "default", "n1"), (pod.Name, pod.Namespace, pod.Spec!.NodeName));
        Assert.Equal(("Always", 30L, "ClusterFirst"), (pod.Spec.RestartPolicy, pod.Spec.TerminationGracePeriodSeconds!.Value, pod.Spec.DnsPolicy));
        Assert.Equal(pod.Uid, pod.Metadata.Annotations![Keys.ConfigHash]);
        Assert.True(pod.IsStatic);
        Assert.Contains(pod.Spec.Tolerations!, t => t.Operator == "Exists" && t.Effect == "NoExecute");
    }

    [Fact]
    public void Read_OtherText_IsAnotherPod()
    {
        Assert.Equal(Read(Good).Uid, Read(Good).Uid);
        Assert.NotEqual(Read(Good).Uid, Read(Good.Replace("hello:1", "hello:2", StringComparison.Ordinal)).Uid);
    }

    [Fact]
    public void Read_Json_IsAPodToo() =>
        Assert.Equal("web-n1", Read("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"c","image":"i"}]}}""").Name);

    [Theory]
    [InlineData("a: [", "yaml")]
    [InlineData("kind: Pod", "not a Pod of v1")]
    [InlineData("apiVersion: v1\nkind: Pod\nspec: {}", "metadata is missing")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {}", "spec.containers: Required value")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: 3}", "containers")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: i}], colour: red}", "unknown fields: spec.colour")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {serviceAccountName: a, containers: [{name: c, image: i}]}", "may not refer to serviceaccounts")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: i, envFrom: [{secretRef: {name: s}}]}]}", "may not refer to configmaps or secrets")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: i}], volumes: [{name: v, configMap: {name: m}}]}", "may not refer to volumes other than")]
    public void Read_NoPodThatCanRun_IsRefusedByName(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<StaticPodException>(() => Read(text)).Message, StringComparison.Ordinal);

    private static Pod Read(string text) => StaticPodFile.Read("/pods/web.yaml", Encoding.UTF8.GetBytes(text), "n1");
}
