using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;
using Xunit;

namespace Sealos.OsServices_Tests.Users.Walls;

public sealed class UserWallsTests(UsersFixture fixture) : IClassFixture<UsersFixture>
{
    private readonly KubeClient _client = fixture.Client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Walls_EditedOrDeleted_ComeBack()
    {
        await fixture.MakeAsync("ada");
        var quota = await _client.GetAsync<ResourceQuota>("ns-ada", "quota-ns-ada", Ct);
        Assert.Equal("16", quota.Spec!.Hard!["limits.cpu"].ToString());
        Assert.Equal(36, quota.Spec.Hard.Count);
        Assert.Equal("50", quota.Spec.Hard["count/ingresses.networking.k8s.io"].ToString());
        Assert.Equal("64Mi", (await _client.GetAsync<LimitRange>("ns-ada", "ns-ada", Ct)).Spec!.Limits!.Single().Default!["memory"].ToString());
        var policy = await _client.GetAsync<NetworkPolicy>("ns-ada", "sealos-walls", Ct);

        await fixture.PatchAsync<ResourceQuota>("ns-ada", "quota-ns-ada", """{"spec":{"hard":{"limits.cpu":"999"}}}""");
        await UsersFixture.EventuallyAsync("the quota", async () => (await _client.GetAsync<ResourceQuota>("ns-ada", "quota-ns-ada", Ct)).Spec!.Hard!["limits.cpu"].ToString() == "16");
        await _client.DeleteAsync<LimitRange>("ns-ada", "ns-ada", null, Ct);
        await UsersFixture.EventuallyAsync("the limits", async () => await _client.FindAsync<LimitRange>("ns-ada", "ns-ada", Ct) is not null);
        await fixture.PatchAsync<NetworkPolicy>("ns-ada", "sealos-walls", """{"metadata":{"labels":null},"spec":{"egress":[{}]}}""");
        await UsersFixture.EventuallyAsync("the policy", async () => ObjectKeeper.AreSame(policy.Spec, (await _client.GetAsync<NetworkPolicy>("ns-ada", "sealos-walls", Ct)).Spec));
        await fixture.PatchAsync<Namespace>(null, "ns-ada", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}""");
        await UsersFixture.EventuallyAsync("Pod Security", async () => (await _client.GetAsync<Namespace>(null, "ns-ada", Ct)).Metadata.Labels!["pod-security.kubernetes.io/enforce"] == "baseline");
    }

    [Fact]
    public async Task Quota_OfOneWorkspace_IsTheOperatorsToChange()
    {
        await fixture.MakeAsync("bob");
        await fixture.PatchAsync<Namespace>(null, "ns-bob", """{"metadata":{"annotations":{"user.sealos.io/quota":"{\"pods\":\"70\"}"}}}""");
        await UsersFixture.EventuallyAsync("the greater quota", async () => (await _client.GetAsync<ResourceQuota>("ns-bob", "quota-ns-bob", Ct)).Spec!.Hard!["pods"].ToString() == "70");

        await fixture.PatchAsync<Namespace>(null, "ns-bob", """{"metadata":{"annotations":{"user.sealos.io/quota":"much"}}}""");
        await fixture.WhenAsync("bob", u => u.Status?.Conditions?.Exists(c => c.Reason == "QuotaUnreadable" && c.Message!.Contains("ns-bob", StringComparison.Ordinal)) == true);
        await UsersFixture.EventuallyAsync("the quota that all have", async () => (await _client.GetAsync<ResourceQuota>("ns-bob", "quota-ns-bob", Ct)).Spec!.Hard!["pods"].ToString() != "70");

        // Nor does it keep anybody in who is shut out.
        await fixture.PatchAsync<User>(null, "bob", """{"metadata":{"labels":{"user.sealos.io/status":"Locked"}}}""");
        await fixture.GoneAsync<Secret>("user-system", "sealos-kubeconfig-bob");
        await fixture.WhenAsync("bob", u => u.Status!.Conditions!.Exists(c => c.Type == "Ready" && c.Reason == "Locked"));
    }

    [Fact]
    public async Task Settings_OfAllWorkspaces_HoldForThoseThatAreThere_AndASlipOpensNothing()
    {
        await fixture.MakeAsync("flo");
        var configuration = new WallConfiguration(_client);
        await configuration.SetAsync(new Dictionary<string, string?> { ["quota"] = """{"services.nodeports":"3"}""", ["limits"] = """{"memory":"96Mi"}""", ["podSecurity"] = "restricted" }, Ct);
        async Task HoldsAsync(string ports, string memory, string level) => await UsersFixture.EventuallyAsync($"{ports} node ports, {memory} and {level}", async () =>
            (await _client.GetAsync<ResourceQuota>("ns-flo", "quota-ns-flo", Ct)).Spec!.Hard!["services.nodeports"].ToString() == ports
            && (await _client.GetAsync<LimitRange>("ns-flo", "ns-flo", Ct)).Spec!.Limits!.Single().Default!["memory"].ToString() == memory
            && (await _client.GetAsync<Namespace>(null, "ns-flo", Ct)).Metadata.Labels!["pod-security.kubernetes.io/enforce"] == level);

        await HoldsAsync("3", "96Mi", "restricted");
        await fixture.PatchAsync<Namespace>(null, "ns-flo", """{"metadata":{"annotations":{"user.sealos.io/pod-security":"baseline"}}}""");
        await HoldsAsync("3", "96Mi", "baseline");
        await fixture.PatchAsync<ConfigMap>("sealos-system", "workspaces", """{"data":{"podSecurity":"privileged","quota":"{"}}""");
        await fixture.PatchAsync<Namespace>(null, "ns-flo", """{"metadata":{"annotations":{"user.sealos.io/pod-security":"privileged"}}}""");
        await HoldsAsync("3", "96Mi", "restricted");
        var view = await configuration.ReadAsync(Ct);
        Assert.Equal(2, view.Problems.Count);
        await UsersFixture.EventuallyAsync("the events", async () => (await _client.ListAsync<Event>("sealos-system", null, Ct)).Items.Count(e => e.Reason == "SettingUnreadable") >= 2);

        await configuration.SetAsync(Keys("quota", "limits", "podSecurity"), Ct);
        await fixture.PatchAsync<Namespace>(null, "ns-flo", """{"metadata":{"annotations":{"user.sealos.io/pod-security":null}}}""");
        await HoldsAsync("10", "64Mi", "baseline");
    }

    [Fact]
    public async Task Workspace_MadeWhileStrangersCouldSignUp_SaysSo_AndItsOwnersTeamsToo()
    {
        await fixture.MakeAsync("gil");
        var signIn = new SignInConfiguration(_client);
        await signIn.SetAsync(SignUpMode.Open, null, Ct);
        await UsersFixture.EventuallyAsync("a workspace among strangers", async () =>
        {
            var name = "hal" + Guid.NewGuid().ToString("N")[..6];
            await fixture.MakeAsync(name);
            if (!await IsAmongStrangersAsync(name))
            {
                return false;
            }

            await signIn.SetAsync(SignUpMode.Off, null, Ct);
            await fixture.MakeTeamAsync(name + "-team", name);
            Assert.True(await IsAmongStrangersAsync(name + "-team"));
            return true;
        });
        Assert.False(await IsAmongStrangersAsync("gil"));
    }

    [Fact]
    public async Task Quota_ThatWorkWasRefusedFor_GrowsOnce_AsFarAsTheOperatorLetsIt()
    {
        await fixture.MakeAsync("ivy");
        await new WallConfiguration(_client).SetAsync(new Dictionary<string, string?> { ["autoExpand"] = """{"pods":"60"}""" }, Ct);
        async Task RefuseAsync(string event_, string pods) => await _client.CreateAsync(
            new Event
            {
                Metadata = new ObjectMeta { Name = event_, Namespace = "ns-ivy" },
                InvolvedObject = new ObjectReference { Kind = "ReplicaSet", Namespace = "ns-ivy", Name = "x" },
                Reason = "FailedCreate",
                Message = $"Error creating: pods \"x\" is forbidden: exceeded quota: quota-ns-ivy, requested: pods=1, used: pods={pods}, limited: pods={pods}",
            },
            Ct);
        async Task<string> PodsAsync() => (await _client.GetAsync<ResourceQuota>("ns-ivy", "quota-ns-ivy", Ct)).Spec!.Hard!["pods"].ToString();

        await RefuseAsync("x.1", "20");
        await UsersFixture.EventuallyAsync("40 pods", async () => await PodsAsync() == "40");
        await UsersFixture.EventuallyAsync("the event", async () => (await _client.ListAsync<Event>("ns-ivy", null, Ct)).Items.Any(e => e.Reason == "QuotaExpanded"));

        // No second time on one day, and not beyond what the operator lets it.
        await RefuseAsync("x.2", "40");
        await new WallConfiguration(_client).SetAsync(new Dictionary<string, string?> { ["autoExpand"] = """{"pods":"30"}""" }, Ct);
        await UsersFixture.EventuallyAsync("30 pods", async () => await PodsAsync() == "30");
        await new WallConfiguration(_client).SetAsync(Keys("autoExpand"), Ct);
        await UsersFixture.EventuallyAsync("20 pods", async () => await PodsAsync() == "20");
    }

    private async Task<bool> IsAmongStrangersAsync(string user) => (await _client.GetAsync<Namespace>(null, "ns-" + user, Ct)).Metadata.Annotations!.ContainsKey("user.sealos.io/among-strangers");

    private static Dictionary<string, string?> Keys(params string[] keys) => keys.ToDictionary(k => k, _ => (string?)null);

    [Fact]
    public async Task Node_ThatNoRangeCloses_IsClosedInEveryWorkspace()
    {
        await fixture.MakeAsync("carol");
        var node = await _client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "n1" } }, Ct);
        node.Status = new NodeStatus { Addresses = [new NodeAddress { Type = "ExternalIP", Address = "203.0.113.7" }, new NodeAddress { Type = "InternalIP", Address = "10.0.0.7" }] };
        await _client.UpdateStatusAsync(node, Ct);

        await UsersFixture.EventuallyAsync("the node being closed", async () => Internet(await _client.GetAsync<NetworkPolicy>("ns-carol", "sealos-outside", Ct)).Contains("203.0.113.7/32"));
        Assert.DoesNotContain("10.0.0.7/32", Internet(await _client.GetAsync<NetworkPolicy>("ns-carol", "sealos-outside", Ct)));
    }

    [Fact]
    public async Task NetworkDefaults_AreTheWorkspacesToDelete_TheWallsAreNot()
    {
        await fixture.MakeAsync("dan");
        await _client.DeleteAsync<NetworkPolicy>("ns-dan", "sealos-inside", null, Ct);
        await fixture.PatchAsync<NetworkPolicy>("ns-dan", "sealos-outside", """{"spec":{"egress":[{}]}}""");
        await _client.DeleteAsync<LimitRange>("ns-dan", "ns-dan", null, Ct);

        await UsersFixture.EventuallyAsync("the limits", async () => await _client.FindAsync<LimitRange>("ns-dan", "ns-dan", Ct) is not null);
        await UsersFixture.EventuallyAsync("the internet", async () => (await _client.GetAsync<NetworkPolicy>("ns-dan", "sealos-outside", Ct)).Spec!.Egress!.Single().To is not null);
        Assert.Null(await _client.FindAsync<NetworkPolicy>("ns-dan", "sealos-inside", Ct));
    }

    [Fact]
    public async Task Workspace_OfAnEarlierVersion_GetsItsDefaults_AndTheNarrowWalls()
    {
        await fixture.MakeAsync("eli");
        await _client.DeleteAsync<NetworkPolicy>("ns-eli", "sealos-inside", null, Ct);
        await fixture.PatchAsync<NetworkPolicy>("ns-eli", "sealos-walls", """{"metadata":{"annotations":null},"spec":{"ingress":[{"from":[{"podSelector":{}}]}],"egress":[{"to":[{"podSelector":{}}]}]}}""");

        await UsersFixture.EventuallyAsync("the narrow walls", async () => await _client.GetAsync<NetworkPolicy>("ns-eli", "sealos-walls", Ct) is { Spec.Ingress: null or [], Metadata.Annotations: not null });
        Assert.NotNull(await _client.FindAsync<NetworkPolicy>("ns-eli", "sealos-inside", Ct));
    }

    [Fact]
    public async Task Quota_OfAnEarlierVersion_CountsTheKindsOfThisOne()
    {
        await fixture.MakeAsync("fay");
        await fixture.PatchAsync<ResourceQuota>("ns-fay", "quota-ns-fay", """{"spec":{"hard":{"count/pods":null,"count/endpoints":null}}}""");

        await UsersFixture.EventuallyAsync("the count of pods", async () => (await _client.GetAsync<ResourceQuota>("ns-fay", "quota-ns-fay", Ct)).Spec!.Hard!.ContainsKey("count/pods"));
    }

    [Fact]
    public async Task Admin_HasNoWalls()
    {
        await fixture.ReadyAsync("admin");

        Assert.Empty((await _client.ListAsync<ResourceQuota>("ns-admin", null, Ct)).Items);
        Assert.Empty((await _client.ListAsync<NetworkPolicy>("ns-admin", null, Ct)).Items);
    }

    [Fact]
    public void Policy_ClosesWhatIsNotTheInternet()
    {
        var except = Internet(WallObjects.Outside("ada", new WallOptions { PodRanges = [System.Net.IPNetwork.Parse("203.0.113.0/24")] }, [System.Net.IPAddress.Parse("198.51.100.9")]));

        Assert.All(new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "203.0.113.0/24", "198.51.100.9/32" }, r => Assert.Contains(r, except));
    }

    private static List<string> Internet(NetworkPolicy policy) => policy.Spec!.Egress!.SelectMany(e => e.To!).Single(t => t.IpBlock?.Cidr == "0.0.0.0/0").IpBlock!.Except!;
}
