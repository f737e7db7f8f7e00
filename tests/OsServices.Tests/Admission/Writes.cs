using System.Text.Json.Nodes;
using Sealos.OsServices.Admission;
using Sealos.OsServices.Users;

namespace Sealos.OsServices_Tests.Admission;

/// <summary>Writes for rules to judge, and a world for them to ask about.</summary>
internal static class Writes
{
    public const string Workspace = "ns-mallory";

    public static AdmissionOptions Options { get; } = new()
    {
        Domain = "cloud.example.com",
        ClosedRanges = [System.Net.IPNetwork.Parse("10.208.0.0/16"), System.Net.IPNetwork.Parse("10.209.0.0/16"), System.Net.IPNetwork.Parse("192.0.2.10/32")],
        PrivateRanges = [],
    };

    public static AdmissionCaller Tenant { get; } = new("system:serviceaccount:user-system:mallory", CallerKind.Tenant, "mallory");

    public static AdmissionCaller Controller { get; } = new("system:kube-controller-manager", CallerKind.Operator);

    /// <summary>A creation in mallory's workspace; <paramref name="what"/> is group/resource, <c>/pods</c> for the core's.</summary>
    public static AdmissionRequest Create(string what, string json, string name = "x")
    {
        var parts = what.Split('/', 3);
        return new AdmissionRequest
        {
            Uid = "1",
            Operation = AdmissionOperation.Create,
            Group = parts[0],
            Resource = parts[1],
            Subresource = parts.Length > 2 ? parts[2] : "",
            Namespace = Workspace,
            Name = name,
            Object = (JsonObject)JsonNode.Parse(json)!,
            Caller = Tenant,
        };
    }

    public static AdmissionRequest Update(string what, string before, string after, string name = "x") =>
        Create(what, after, name) with { Operation = AdmissionOperation.Update, OldObject = (JsonObject)JsonNode.Parse(before)! };

    public static AdmissionRequest Delete(string what, string before, string name = "x") =>
        Create(what, before, name) with { Operation = AdmissionOperation.Delete, Object = null, OldObject = (JsonObject)JsonNode.Parse(before)! };

    /// <summary>What a rule says: null where it has nothing to say.</summary>
    public static async Task<string?> AskAsync(AdmissionRule rule, AdmissionRequest request, World? world = null) =>
        rule.Concerns(request) ? (await rule.JudgeAsync(request, world ?? new World(), CancellationToken.None))?.Message : null;
}

/// <summary>What is so.</summary>
internal sealed class World : IAdmissionFacts
{
    public Dictionary<string, string> Debts { get; } = [];

    public Dictionary<(string User, string Workspace), string> Roles { get; } = [];

    public Dictionary<string, User> Users { get; } = [];

    public Dictionary<string, string> Volumes { get; } = [];

    public HashSet<string> Namespaces { get; } = [];

    public int TeamsLeft { get; set; } = 1;

    public World WithPerson(string name, string? status = null) => With(name, status is null ? [] : new() { [UserKeys.Status] = status });

    public World WithTeam(string name) => With(name, new() { [UserKeys.Type] = UserKeys.TypeGroup });

    public World WithRole(string user, string workspace, string role)
    {
        Roles[(user, workspace)] = role;
        return this;
    }

    public string? DebtStatusOf(string workspace) => Debts.GetValueOrDefault(workspace);

    public string? SuspensionReasonOf(string workspace) => Reasons.GetValueOrDefault(workspace);

    public Dictionary<string, string> Reasons { get; } = [];

    public Task<string?> RoleOfAsync(string user, string workspace, CancellationToken ct) => Task.FromResult(Roles.GetValueOrDefault((user, workspace)));

    public Task<User?> FindUserAsync(string name, CancellationToken ct) => Task.FromResult(Users.GetValueOrDefault(name));

    public Task<bool> HasNamespaceAsync(string name, CancellationToken ct) => Task.FromResult(Namespaces.Contains(name));

    public Task<bool> TryAddTeamAsync(string user, string team, int most, CancellationToken ct) => Task.FromResult(TeamsLeft-- > 0);

    public int Requests { get; set; }

    public Task<int> CountRequestsAsync(string user, CancellationToken ct) => Task.FromResult(Requests);

    public Task<string?> ClaimantOfVolumeAsync(string volume, CancellationToken ct) => Task.FromResult(Volumes.GetValueOrDefault(volume));

    private World With(string name, Dictionary<string, string> labels)
    {
        Users[name] = new User { Metadata = new() { Name = name, Labels = labels } };
        return this;
    }
}

/// <summary>What the operator has chosen for pods; nothing where nothing is said.</summary>
internal sealed class Pods : IPodChoices
{
    public string? RuntimeClass { get; init; }

    public string? PullPolicy { get; init; }

    public string DefaultPriority { get; init; } = "";

    public HashSet<string> RuntimeClasses { get; init; } = ["gvisor"];

    public PodPriority? Priority { get; init; }

    public string? RuntimeClassOf(string workspace) => RuntimeClass;

    public string? PullPolicyOf(string workspace) => PullPolicy;

    public bool HasRuntimeClass(string name) => RuntimeClasses.Contains(name);

    public bool IsDefaultPriority(string name) => name == DefaultPriority;
}
