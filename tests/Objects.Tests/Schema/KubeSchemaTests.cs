using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Schema;

public sealed class KubeSchemaTests
{
    [Fact]
    public void FindKind_ByGroupVersion_FindsTheKind()
    {
        Assert.Equal("pods", KubeSchema.Default.FindKind("v1", "Pod")!.Plural);
        Assert.Equal("deployments", KubeSchema.Default.FindKind("apps/v1", "Deployment")!.Plural);
        Assert.Null(KubeSchema.Default.FindKind("apps/v1", "Pod"));
        Assert.Null(KubeSchema.Default.FindKind("apps/v2", "Deployment"));
    }

    [Fact]
    public void FindResource_ByPath_FindsServedKindsOnly()
    {
        Assert.Equal("Pod", KubeSchema.Default.FindResource("", "v1", "pods")!.Kind);
        Assert.Equal("Ingress", KubeSchema.Default.FindResource("networking.k8s.io", "v1", "ingresses")!.Kind);
        Assert.Null(KubeSchema.Default.FindResource("autoscaling", "v1", "-"));
    }

    [Fact]
    public void GetType_Unknown_NamesIt() =>
        Assert.Contains("core/v1.Nope", Assert.Throws<KeyNotFoundException>(() => KubeSchema.Default.GetType("core/v1.Nope")).Message, StringComparison.Ordinal);

    [Fact]
    public void EveryType_RefersOnlyToTypesThatExist()
    {
        foreach (var kind in KubeSchema.Default.Kinds)
        {
            var seen = new HashSet<string>();
            Walk(KubeSchema.Default.GetType(kind), seen);
            Assert.NotEmpty(seen);
        }
    }

    [Fact]
    public void EveryDefault_FitsItsField()
    {
        var seen = new HashSet<string>();
        foreach (var kind in KubeSchema.Default.Kinds)
        {
            Walk(KubeSchema.Default.GetType(kind), seen);
        }

        var defaults = seen.Select(KubeSchema.Default.GetType).SelectMany(t => t.OwnFields, (t, f) => (Type: t, Field: f)).Where(p => p.Field.DefaultJson is not null).ToList();
        Assert.NotEmpty(defaults);
        foreach (var (type, field) in defaults)
        {
            var obj = JsonText.Parse(System.Text.Encoding.UTF8.GetBytes($"{{\"{field.Name}\":{field.DefaultJson}}}"), []);
            Assert.Null(Sealos.Objects.Validation.TypeChecker.Check(obj, type));
            Assert.True(field.Values.Count == 0 || field.Values.Contains(obj.Text(field.Name)!), $"{type.Name}.{field.Name}");
        }
    }

    [Fact]
    public void Parse_UnknownColumn_NamesTheLine()
    {
        var e = Assert.Throws<FormatException>(() => SchemaFile.Parse(new StringReader("type a/v1.A\n  x 1 string wrong=1\n")));

        Assert.Contains("wrong", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FieldBeforeAnyType_IsRefused() => Assert.Throws<FormatException>(() => SchemaFile.Parse(new StringReader("  x 1 string\n")));

    private static void Walk(TypeSchema type, HashSet<string> seen)
    {
        if (!seen.Add(type.Name))
        {
            return;
        }

        foreach (var field in type.Fields)
        {
            var shape = field.Shape;
            while (shape.Element is { } element)
            {
                shape = element;
            }

            if (shape.Kind == ValueKind.Object)
            {
                Walk(KubeSchema.Default.GetType(shape.Object!), seen);
            }
        }
    }
}
