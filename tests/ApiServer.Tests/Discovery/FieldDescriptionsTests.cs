using Sealos.ApiServer.Discovery;
using Sealos.Objects.Schema;
using Xunit;

namespace Sealos.ApiServer.Tests.Discovery;

public sealed class FieldDescriptionsTests
{
    [Fact]
    public void Texts_AreAboutTypesAndFieldsThatAreThere()
    {
        var types = new Dictionary<string, TypeSchema>();
        Collect(KubeSchema.Default.GetType("meta/v1.ListMeta"), types);
        foreach (var kind in KubeSchema.Default.Kinds)
        {
            Collect(KubeSchema.Default.GetType(kind), types);
        }

        var known = types.SelectMany(t => t.Value.Fields.Select(f => $"{t.Key}.{f.Name}").Append(t.Key)).ToHashSet();
        Assert.All(new FieldDescriptions().Subjects.Where(s => !s.StartsWith("*.", StringComparison.Ordinal)), s => Assert.Contains(s, known));
    }

    [Theory]
    [InlineData("core/v1.PodSpec")]
    [InlineData("core/v1.Container")]
    [InlineData("apps/v1.DeploymentSpec")]
    [InlineData("batch/v1.JobSpec")]
    [InlineData("networking/v1.NetworkPolicySpec")]
    public void Type_OfMuchUse_HasATextForEveryField(string type)
    {
        var texts = new FieldDescriptions();
        var fields = KubeSchema.Default.GetType(type).Fields.Select(f => f.Name).Except(["resourceClaims"]);
        Assert.All(fields, f => Assert.True(texts.Find(type, f) is not null, f));
    }

    private static void Collect(TypeSchema type, Dictionary<string, TypeSchema> into)
    {
        if (into.TryAdd(type.Name, type))
        {
            foreach (var field in type.Fields)
            {
                Collect(field.Shape, into);
            }
        }
    }

    private static void Collect(ValueShape shape, Dictionary<string, TypeSchema> into)
    {
        if (shape.Element is { } element)
        {
            Collect(element, into);
        }
        else if (shape.Object is { } type)
        {
            Collect(KubeSchema.Default.GetType(type), into);
        }
    }
}
