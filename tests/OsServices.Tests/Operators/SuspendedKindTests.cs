using System.Text.Json.Nodes;
using Sealos.OsServices.Operators;
using Xunit;

namespace Sealos.OsServices_Tests.Operators;

public sealed class SuspendedKindTests
{
    [Theory]
    [InlineData("deployments", """{"spec":{"replicas":3}}""", """{"replicas":0}""", """{"replicas":3}""")]
    [InlineData("statefulsets", """{"spec":{}}""", """{"replicas":0}""", """{"replicas":1}""")]
    [InlineData("cronjobs", """{"spec":{"suspend":false}}""", """{"suspend":true}""", """{"suspend":false}""")]
    [InlineData("jobs", """{"metadata":{"ownerReferences":[{"kind":"CronJob","controller":true}]},"spec":{}}""", """{"suspend":true}""", """{"suspend":false}""")]
    [InlineData("daemonsets", """{"spec":{"template":{"spec":{}}}}""", """{"template":{"spec":{"nodeSelector":{"user.sealos.io/suspended":"true"}}}}""", """{"template":{"spec":{"nodeSelector":{"user.sealos.io/suspended":null}}}}""")]
    public void Work_IsStopped_AndStartedAsItWas(string plural, string obj, string stop, string start)
    {
        var kind = Kind(plural);
        var stopped = kind.StopOf(Parse(obj))!;

        Assert.Equal(stop, stopped["spec"]!.ToJsonString());
        var annotations = stopped["metadata"]!["annotations"]!.DeepClone();
        Assert.Equal(start, kind.StartOf(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } })!["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("deployments", """{"spec":{"replicas":0}}""")]
    [InlineData("replicasets", """{"metadata":{"ownerReferences":[{"kind":"Deployment","controller":true}]},"spec":{"replicas":2}}""")]
    [InlineData("cronjobs", """{"spec":{"suspend":true}}""")]
    [InlineData("jobs", """{"spec":{},"status":{"conditions":[{"type":"Complete","status":"True"}]}}""")]
    [InlineData("deployments", """{"metadata":{"deletionTimestamp":"2026-11-22T12:00:00Z"},"spec":{"replicas":2}}""")]
    public void Work_ThatDoesNotRun_OrIsAnothersPart_IsLeft(string plural, string obj) => Assert.Null(Kind(plural).StopOf(Parse(obj)));

    [Fact]
    public void Work_StoppedByOneWhoWasInterrupted_StillRemembersWhatItWas() =>
        Assert.Null(Kind("deployments").StopOf(Parse("""{"metadata":{"annotations":{"user.sealos.io/suspended":"3"}},"spec":{"replicas":0}}""")));

    [Fact]
    public void Mark_ThatATenantHasPut_KeepsNothingFromBeingStopped()
    {
        var stopped = Kind("deployments").StopOf(Parse("""{"metadata":{"annotations":{"user.sealos.io/suspended":"9"}},"spec":{"replicas":2}}"""))!;

        Assert.Equal("2", (string?)stopped["metadata"]!["annotations"]!["user.sealos.io/suspended"]);
        Assert.Equal(0, (int)stopped["spec"]!["replicas"]!);
    }

    [Fact]
    public void Mark_ThatNobodyCanRead_IsTakenAway_AndChangesNothing() =>
        Assert.Null(Kind("deployments").StartOf(Parse("""{"metadata":{"annotations":{"user.sealos.io/suspended":"many"}}}"""))!["spec"]);

    private static SuspendedKind Kind(string plural) => SuspendedKind.All.Single(k => k.Path.EndsWith("/" + plural, StringComparison.Ordinal));

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
