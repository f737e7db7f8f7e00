using System.Text.Json.Nodes;
using Sealos.OsServices.Admission;
using Sealos.OsServices.Admission.Hosts;
using Xunit;

namespace Sealos.OsServices_Tests.Admission;

public sealed class AdmissionObjectsTests
{
    private static AdmissionRules Rules(AdmissionOptions? options = null) => new(options ?? Writes.Options, new NoClaims());

    private static AdmissionAddress Address(AdmissionService? service = null) => new(service, 1234, new AdmissionIdentity("PEM", null!, new byte[32]));

    [Fact]
    public void EveryWebhook_FailsClosed_Soon()
    {
        Assert.All(AdmissionObjects.Validating(Rules(), Address()), w =>
        {
            Assert.Equal("Fail", (string?)w!["failurePolicy"]);
            Assert.Equal(5, (int?)w["timeoutSeconds"]);
        });
    }

    [Theory]
    [InlineData("leases")]
    [InlineData("events")]
    [InlineData("nodes")]
    [InlineData("*")]
    public void WhatTheKernelWritesAllTheTime_IsNeverAsked(string resource) =>
        Assert.DoesNotContain(resource, AdmissionObjects.Validating(Rules(), Address()).SelectMany(w => w!["rules"]!.AsArray()).Where(r => (string?)r!["apiGroups"]![0] is "" or "coordination.k8s.io" or "events.k8s.io" or "*").SelectMany(r => r!["resources"]!.AsArray()).Select(r => (string?)r));

    [Theory]
    [InlineData("workspaces.tenancy.sealos.io", "namespaceSelector")]
    [InlineData("namespaces.tenancy.sealos.io", "objectSelector")]
    public void Workspaces_AreTold_ByTheOwnersLabel_AndTheOperatorsOwnIsLeftOutByItsName(string name, string selector)
    {
        var webhook = AdmissionObjects.Validating(Rules(), Address()).Single(w => (string?)w!["name"] == name)!;

        var expressions = webhook[selector]!["matchExpressions"]!.AsArray();
        Assert.Equal(["user.sealos.io/owner Exists ", "kubernetes.io/metadata.name NotIn ns-admin"], expressions.Select(e => $"{e!["key"]} {e["operator"]} {e["values"]?[0]}"));
    }

    [Fact]
    public void Users_AreChangedAndDeletedByTheOperator_WhileNobodyCanBeAsked() =>
        Assert.All(AdmissionObjects.Validating(Rules(), Address()).SelectMany(w => w!["rules"]!.AsArray()).Where(r => (string?)r!["apiGroups"]![0] == "user.sealos.io"), r => Assert.Equal(["CREATE"], r!["operations"]!.AsArray().Select(o => (string?)o)));

    [Fact]
    public void Mutation_OfWorkspaces_IsAskedForOnlyWhereTheOperatorHasChosenSomething()
    {
        const string Workspaces = "workspaces.tenancy.sealos.io";

        Assert.DoesNotContain(AdmissionObjects.Mutating(Rules(), Address()), w => (string?)w!["name"] == Workspaces);
        Assert.Contains(AdmissionObjects.Mutating(Rules(Writes.Options with { RuntimeClass = "gvisor" }), Address()), w => (string?)w!["name"] == Workspaces);
    }

    [Fact]
    public void Address_IsOnLoopback_OrAService_AtAPathThatCannotBeGuessed()
    {
        var near = (string)Address().ClientConfig("validate")["url"]!;
        var far = (JsonObject)Address(new AdmissionService("sealos-system", "admission")).ClientConfig("validate")["service"]!;

        Assert.Matches("^https://127\\.0\\.0\\.1:1234/[0-9a-f]{32}/validate$", near);
        Assert.EndsWith((string)far["path"]!, near, StringComparison.Ordinal);
    }

    private sealed class NoClaims : IHostClaims
    {
        public Task<Refusal?> TakeAsync(HostWant want, CancellationToken ct) => Task.FromResult<Refusal?>(null);
    }
}
