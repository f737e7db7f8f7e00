using System.Text.Json.Nodes;
using Sealos.OsServices.Users.Walls;
using Sealos.OsServices_Tests.Workspaces;
using Xunit;

namespace Sealos.OsServices_Tests.Users.Walls;

/// <summary>The store is one for all: whatever kind of object a workspace may hold, it may not hold it without end.</summary>
public sealed class CountedKindsTests(Tenants tenants) : IClassFixture<Tenants>
{
    private static readonly HashSet<string> NotCounted = new(StringComparer.Ordinal)
    {
        "events", "events.events.k8s.io", // They end by themselves, within an hour.
        "bindings", "localsubjectaccessreviews.authorization.k8s.io", // Nothing of them is kept.
        "resourcequotas", "limitranges", // Not for workspaces to write.
        "operationrequests.user.sealos.io", "invitations.user.sealos.io", "notifications.notification.sealos.io", // Neither are these, or not new ones.
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryKindOfAWorkspace_IsCounted()
    {
        var groups = (await GetAsync("/apis"))["groups"]!.AsArray().Select(g => "/apis/" + (string)g!["preferredVersion"]!["groupVersion"]!);
        var open = new List<string>();
        foreach (var path in groups.Prepend("/api/v1"))
        {
            var group = path.Split('/') is { Length: 4 } parts ? "." + parts[2] : "";
            var kept = (await GetAsync(path))["resources"]!.AsArray()
                .Where(r => (bool)r!["namespaced"]! && !((string)r["name"]!).Contains('/', StringComparison.Ordinal) && r["verbs"]!.AsArray().Any(v => (string)v! == "create"))
                .Select(r => (string)r!["name"]! + group);
            open.AddRange(kept);
        }

        Assert.Contains("configmaps", open);
        Assert.Equal([], open.Except(NotCounted).Where(k => !new WallOptions().Quota.ContainsKey("count/" + k)));
    }

    private Task<JsonObject> GetAsync(string path) => tenants.Api.Client.SendAsync<JsonObject>(HttpMethod.Get, path, null, Ct);
}
