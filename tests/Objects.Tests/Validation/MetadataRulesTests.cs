using System.Text.Json.Nodes;

namespace Sealos.Objects.Tests.Validation;

public sealed class MetadataRulesTests
{
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: 'ns'}}";
    private const string Namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: 'ns'}}";

    [Theory]
    [InlineData("metadata.name", "A_B", "metadata.name: Invalid value: \"A_B\": " + Subdomain)]
    [InlineData("metadata.name", null, "metadata.name: Required value: name or generateName is required")]
    [InlineData("metadata.namespace", null, "metadata.namespace: Required value")]
    [InlineData("metadata.labels", "{a/b/c: x}", "a qualified name must consist of")]
    [InlineData("metadata.labels", "{a: 'b c'}", "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string")]
    [InlineData("metadata.annotations", "{'a b': x}", "metadata.annotations: Invalid value: \"a b\": name part must consist of")]
    [InlineData("metadata.finalizers", "[nope]", "metadata.finalizers[0]: Invalid value: \"nope\": name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData("metadata.finalizers", "['a b/c']", "metadata.finalizers: Invalid value: \"a b/c\": prefix part")]
    [InlineData("metadata.finalizers", "[orphan, foregroundDeletion]", "metadata.finalizers: Invalid value: []string{\"orphan\", \"foregroundDeletion\"}: finalizer set: foregroundDeletion and orphan cannot be both set")]
    [InlineData("metadata.generation", "-1", "metadata.generation: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("metadata.ownerReferences", "[{apiVersion: v1, kind: Pod, name: p}]", "metadata.ownerReferences[0].uid: Invalid value: \"\": must not be empty")]
    [InlineData("metadata.ownerReferences", "[{apiVersion: '', kind: Pod, name: p, uid: u}]", "metadata.ownerReferences[0].apiVersion: Invalid value: \"\": version must not be empty")]
    [InlineData("metadata.ownerReferences", "[{apiVersion: v1, kind: Event, name: p, uid: u}]", "is disallowed from being an owner")]
    [InlineData("metadata.ownerReferences", "[{apiVersion: v1, kind: Pod, name: p, uid: u, controller: true}, {apiVersion: v1, kind: Pod, name: q, uid: v, controller: true}]", "Only one reference can have Controller set to true. Found \"true\" in references for Pod/p and Pod/q")]
    public void Create_BadMetadata_IsNamed(string path, string? value, string expected)
    {
        var error = Assert.Single(Sample.CreateErrors(Sample.With(Map, (path, value))));

        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_GoodMetadata_IsAccepted() => Assert.Empty(Sample.CreateErrors(Sample.With(
        Map,
        ("metadata.labels", "{app.kubernetes.io/name: web, a: ''}"),
        ("metadata.annotations", "{Example.com/Any: 'text with spaces'}"),
        ("metadata.finalizers", "[example.com/f, orphan]"),
        ("metadata.generateName", "web-"),
        ("metadata.ownerReferences", "[{apiVersion: apps/v1, kind: Deployment, name: d, uid: u, controller: true}]"))));

    [Fact]
    public void Create_ClusterScoped_TakesNoNamespace() =>
        Assert.Equal(["metadata.namespace: Forbidden: not allowed on this type"], Sample.CreateErrors(Sample.With(Namespace, ("metadata.namespace", "x"))));

    [Fact]
    public void Create_NamespaceWithDots_IsRefused() => Assert.Single(Sample.CreateErrors(Sample.With(Namespace, ("metadata.name", "a.b"))));

    [Fact]
    public void Create_AnnotationsBeyondTheirSize_AreRefused()
    {
        var obj = Sample.Ready(Map);
        obj["metadata"]!["annotations"] = new JsonObject { ["a"] = new string('x', (256 * 1024) - 1) };
        Assert.Empty(Sample.CreateErrors(obj));

        obj["metadata"]!["annotations"]!["b"] = "";

        Assert.Equal(["metadata.annotations: Too long: may not be more than 262144 bytes"], Sample.CreateErrors(obj));
    }

    [Theory]
    [InlineData("metadata.name", "other")]
    [InlineData("metadata.namespace", "other")]
    [InlineData("metadata.uid", "other")]
    [InlineData("metadata.creationTimestamp", "'2027-01-01T00:00:00Z'")]
    [InlineData("metadata.deletionTimestamp", "'2027-01-01T00:00:00Z'")]
    public void Update_ImmutableMetadata_IsRefused(string path, string value)
    {
        var old = Sample.With(Map, ("metadata.uid", "u"), ("metadata.creationTimestamp", "'2026-01-01T00:00:00Z'"));
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, path, value);

        var error = Assert.Single(Sample.UpdateErrors(changed, old));

        Assert.StartsWith($"{path}: Invalid value: ", error, StringComparison.Ordinal);
        Assert.EndsWith(": field is immutable", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Update_NewFinalizerWhileDeleting_IsRefused()
    {
        var old = Sample.With(Map, ("metadata.deletionTimestamp", "'2026-01-01T00:00:00Z'"), ("metadata.finalizers", "[ex.com/f]"));
        var changed = (JsonObject)old.DeepClone();
        Sample.Set(changed, "metadata.finalizers", "[ex.com/f, ex.com/g]");

        Assert.Equal(["metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"ex.com/g\"}"], Sample.UpdateErrors(changed, old));

        Sample.Set(changed, "metadata.finalizers", null);
        Assert.Empty(Sample.UpdateErrors(changed, old));
    }

    [Fact]
    public void Update_GenerationGoingBack_IsRefused()
    {
        var old = Sample.With(Map, ("metadata.generation", "3"));

        Assert.Equal(["metadata.generation: Invalid value: 2: must not be decremented"], Sample.UpdateErrors(Sample.With(Map, ("metadata.generation", "2")), old));
    }
}
