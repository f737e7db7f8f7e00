using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class FieldValuesTests
{
    private static readonly PodSurroundings Surroundings = new("192.168.0.1", "10.0.0.7", new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("2"), ["memory"] = Quantity.Parse("1Gi") });

    [Theory]
    [InlineData("metadata.name", "web")]
    [InlineData("metadata.namespace", "team")]
    [InlineData("metadata.uid", TestPods.Uid)]
    [InlineData("metadata.labels['app']", "shop")]
    [InlineData("metadata.labels['none']", "")]
    [InlineData("metadata.annotations['a/b']", "note")]
    [InlineData("spec.nodeName", "n1")]
    [InlineData("status.hostIP", "192.168.0.1")]
    [InlineData("status.podIPs", "10.0.0.7")]
    public void OfPod_KnownPath_IsItsValue(string path, string expected)
    {
        var pod = TestPods.Pod("""{"nodeName":"n1"}""");
        pod.Metadata.Labels = new() { ["app"] = "shop" };
        pod.Metadata.Annotations = new() { ["a/b"] = "note" };

        Assert.Equal(expected, FieldValues.OfPod(pod, path, Surroundings));
    }

    [Theory]
    [InlineData("limits.cpu", null, "1")]
    [InlineData("limits.cpu", "1m", "250")]
    [InlineData("requests.cpu", "1m", "0")]
    [InlineData("limits.memory", "1Mi", "1024")]
    [InlineData("limits.memory", null, "1073741824")]
    public void OfResource_Divisor_RoundsUpAndFallsBackToTheNode(string resource, string? divisor, string expected)
    {
        var container = new Container { Resources = new() { Limits = new() { ["cpu"] = Quantity.Parse("250m") } } };

        Assert.Equal(expected, FieldValues.OfResource(container, resource, divisor is null ? null : Quantity.Parse(divisor), Surroundings));
    }
}
