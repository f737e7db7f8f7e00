using System.Text.Json.Nodes;
using Sealos.ControllerKit.CustomKinds;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.Users;
using Xunit;

namespace Sealos.OsServices_Tests.Users;

public sealed class UserDefinitionsTests
{
    public static TheoryData<string> Kinds => [.. All.Select(d => d.Kind.Kind)];

    private static IEnumerable<CustomKind> All => [.. UserDefinitions.All, Notification.Definition];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Definition_NamesItsKind_AndDescribesSpecAndStatus(string name)
    {
        var kind = All.Single(d => d.Kind.Kind == name);

        var definition = kind.Definition();

        Assert.Equal($"{kind.Kind.Plural}.{kind.Kind.Group}", (string?)definition["metadata"]!["name"]);
        Assert.Equal(kind.Kind.IsNamespaced ? "Namespaced" : "Cluster", (string?)definition["spec"]!["scope"]);
        var properties = definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!.AsObject();
        Assert.Equal(["spec", "status"], properties.Select(p => p.Key));
    }

    [Fact]
    public void Definition_MadeTwice_IsTheSame_SoThatAnUpgradeWritesOnlyWhatChanged() =>
        Assert.True(JsonNode.DeepEquals(UserDefinitions.All[0].Definition(), UserDefinitions.All[0].Definition()));
}
