using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Autoscalers;
using Xunit;

namespace Sealos.KubeControllers_Tests.Autoscalers;

public sealed class SelectorClaimsTests
{
    private readonly SelectorClaims _claims = new();

    [Fact]
    public void Of_Pods_FindsAllWhoSpeakForThem()
    {
        Set("a", "app=web");
        Set("b", "app=web,tier in (front,back)");
        Set("c", "tier");
        Set("d", "app=other");

        Assert.Equal("a b c", Of(("app", "web"), ("tier", "front")));
        Assert.Equal("a", Of(("app", "web")));
        _claims.Remove(new ObjectKey("ns", "a"));
        Set("d", "app=web");
        Assert.Equal("d", Of(("app", "web")));
        Assert.Equal("", Of(("app", "other")));
    }

    private void Set(string name, string selector) => _claims.Set(new ObjectKey("ns", name), selector, Sealos.Objects.Selectors.LabelSelector.Parse(selector));

    private string Of(params (string Key, string Value)[] labels) =>
        string.Join(' ', _claims.Of([new Pod { Metadata = new ObjectMeta { Namespace = "ns", Labels = labels.ToDictionary(l => l.Key, l => l.Value) } }]).Select(k => k.Name));
}
