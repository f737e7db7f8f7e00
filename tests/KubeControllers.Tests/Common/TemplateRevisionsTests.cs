using Sealos.Kinds.Apps;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Common;

public sealed class TemplateRevisionsTests
{
    private static readonly DaemonSet Owner = new() { Metadata = new ObjectMeta { Name = "d", Namespace = "n", Uid = "u", Annotations = new() { ["kubernetes.io/change-cause"] = "because" } } };

    private static RevisedTemplate<DaemonSet> Revised(string image, int? collisions = null) =>
        new(Owner, new LabelSelector(), Make.Template("a", image), "hash", collisions);

    [Fact]
    public void Build_KeepsTheTemplateAndWhoseItIs()
    {
        var revision = TemplateRevisions.Build(Revised("hello:1"), 3);

        Assert.StartsWith("""{"spec":{"template":{"$patch":"replace","metadata":{"creationTimestamp":null,"labels":{"app":"a"}},"spec":{"containers":[{"image":"hello:1","name":"main",""", revision.Data!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("hello:1", TemplateRevisions.TemplateOf(revision).Spec!.Containers![0].Image);
        Assert.Equal((3, "a", "because"), (revision.Revision, revision.Metadata.Labels!["app"], revision.Metadata.Annotations!["kubernetes.io/change-cause"]));
        Assert.Equal("d-" + revision.Metadata.Labels["hash"], revision.Metadata.Name);
    }

    [Fact]
    public void Build_AfterACollision_HasAnotherName() =>
        Assert.NotEqual(TemplateRevisions.Build(Revised("hello:1"), 1).Metadata.Name, TemplateRevisions.Build(Revised("hello:1", 1), 1).Metadata.Name);

    [Fact]
    public void Find_InDataWithoutNulls_IsTheSame()
    {
        var revision = TemplateRevisions.Build(Revised("hello:1"), 1);
        ((System.Text.Json.Nodes.JsonObject)revision.Data!["spec"]!["template"]!["metadata"]!).Remove("creationTimestamp");

        Assert.Same(revision, TemplateRevisions.Find(Make.Template("a", "hello:1"), [revision]));
    }

    [Fact]
    public void Find_OfEqualTemplates_TakesTheNewest()
    {
        var (first, other, last) = (TemplateRevisions.Build(Revised("hello:1"), 1), TemplateRevisions.Build(Revised("hello:2"), 2), TemplateRevisions.Build(Revised("hello:1", 1), 3));

        Assert.Same(last, TemplateRevisions.Find(Make.Template("a", "hello:1"), [first, other, last]));
        Assert.Null(TemplateRevisions.Find(Make.Template("a", "hello:3"), [first, other, last]));
    }

    [Theory]
    [InlineData(0, "1 2 3")]
    [InlineData(2, "1")]
    [InlineData(3, "")]
    public void Outdated_BeyondTheLimit_AreTheOldest(int limit, string expected)
    {
        var revisions = new[] { 3, 1, 2 }.Select(n => new ControllerRevision { Revision = n });
        Assert.Equal(expected, string.Join(' ', TemplateRevisions.Outdated(revisions, limit).Select(r => r.Revision)));
    }
}
