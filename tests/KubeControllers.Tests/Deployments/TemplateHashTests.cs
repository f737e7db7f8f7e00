using Sealos.Kinds;
using Sealos.KubeControllers.Deployments;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Deployments;

public sealed class TemplateHashTests
{
    [Fact]
    public void Of_SameTemplateInAnotherOrder_IsTheSame()
    {
        var a = Make.Template("web");
        a.Metadata!.Labels = new() { ["x"] = "1", ["y"] = "2" };
        var b = KubeJson.Clone(a);
        b.Metadata!.Labels = new() { ["y"] = "2", ["x"] = "1" };

        Assert.Equal(TemplateHash.Of(a, null), TemplateHash.Of(b, null));
        Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]+$", TemplateHash.Of(a, null));
    }

    [Fact]
    public void Of_AnotherImageOrCollision_Differs()
    {
        var template = Make.Template("web");

        Assert.NotEqual(TemplateHash.Of(template, null), TemplateHash.Of(Make.Template("web", "hello:2"), null));
        Assert.NotEqual(TemplateHash.Of(template, null), TemplateHash.Of(template, 1));
        Assert.NotEqual(TemplateHash.Of(template, 1), TemplateHash.Of(template, 2));
    }

    [Fact]
    public void AreEqual_HashLabelAlone_DoesNotCount()
    {
        var template = Make.Template("web");
        var labelled = KubeJson.Clone(template);
        labelled.Metadata!.Labels![TemplateHash.Label] = "bcdf";

        Assert.True(TemplateHash.AreEqual(template, labelled));
        labelled.Metadata.Labels["more"] = "";
        Assert.False(TemplateHash.AreEqual(template, labelled));
    }
}
