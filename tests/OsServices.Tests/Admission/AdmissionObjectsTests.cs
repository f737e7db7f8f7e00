using System.Text.Json.Nodes;
using Sealos.OsServices.Admission;
using Sealos.OsServices.Admission.Hosts;
using Xunit;

namespace Sealos.OsServices_Tests.Admission;

public sealed class AdmissionObjectsTests
{
    private static AdmissionRules Rules(AdmissionOptions? options = null) => new(options ?? Writes.Options, new NoClaims(), new Pods());

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
    public void WhatIsNoTenants_IsAskedAbout_OnlyWhereARuleBindsEverybody()
    {
        var all = AdmissionObjects.Validating(Rules(), Address()).Where(w => ((string)w!["name"]!).StartsWith("all.", StringComparison.Ordinal)).ToList();

        Assert.Equal(
            ["CREATE persistentvolumeclaims,pods", "CREATE,UPDATE endpoints", "CREATE,UPDATE endpointslices"],
            Assert.Single(all)!["rules"]!.AsArray().Select(r => $"{string.Join(',', r!["operations"]!.AsArray())} {string.Join(',', r["resources"]!.AsArray())}").Order(StringComparer.Ordinal));
        Assert.Equal($"!({AdmissionObjects.MayBeTenant})", (string?)all[0]!["matchConditions"]![0]!["expression"]);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("system:anonymous", "system:unauthenticated")]
    [InlineData("system:anonymous", "system:masters")]
    [InlineData("whoever", "system:unauthenticated")]
    [InlineData("system:serviceaccount:user-system:ada", "system:serviceaccounts")]
    [InlineData("system:serviceaccount:user-system:admin", "system:serviceaccounts")]
    [InlineData("system:serviceaccount:ns-ada:default", "system:serviceaccounts")]
    [InlineData("system:serviceaccount:ns-ada:default", "system:masters")]
    [InlineData("system:serviceaccount:kube-system:scheduler", "system:serviceaccounts")]
    [InlineData("system:serviceaccount:kube-system", "system:serviceaccounts")]
    [InlineData("system:serviceaccount:sealos-system:server", "system:serviceaccounts")]
    [InlineData("system:node:n1", "system:nodes")]
    [InlineData("system:kube-scheduler", "system:authenticated")]
    [InlineData("sealos:users", "system:masters")]
    [InlineData("kube-admin", "system:authenticated")]
    public void Condition_LetsNoTenantPass(string name, string group)
    {
        var caller = new Callers(ns => ns.StartsWith("ns-", StringComparison.Ordinal)).Of(name, [group]);
        var asked = Sealos.Objects.Selectors.CallerCondition.TryParse(AdmissionObjects.MayBeTenant)!.Matches(name, [group]);

        Assert.True(asked || !caller.IsTenant);

        // And what the kernel writes all the time waits for nobody.
        Assert.False(asked && (group is "system:nodes" || name is "system:kube-scheduler"));
    }

    [Fact]
    public void Users_AreChangedAndDeletedByTheOperator_WhileNobodyCanBeAsked() =>
        Assert.All(AdmissionObjects.Validating(Rules(), Address()).SelectMany(w => w!["rules"]!.AsArray()).Where(r => (string?)r!["apiGroups"]![0] == "user.sealos.io"), r => Assert.Equal(["CREATE"], r!["operations"]!.AsArray().Select(o => (string?)o)));

    [Fact]
    public void Mutation_OfWorkspaces_IsOfPodsAsTheyComeIntoBeing() =>
        Assert.Equal(["CREATE pods", "UPDATE pods/ephemeralcontainers"], AdmissionObjects.Mutating(Rules(), Address()).Single(w => (string?)w!["name"] == "workspaces.tenancy.sealos.io")!["rules"]!.AsArray()
            .Select(r => $"{r!["operations"]![0]} {string.Join(',', r["resources"]!.AsArray())}"));

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
