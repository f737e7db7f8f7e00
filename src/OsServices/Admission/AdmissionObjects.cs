using System.Text;
using System.Text.Json.Nodes;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission;

/// <summary>The two configurations as pure values: a webhook for each place that a rule looks at, naming what they look at and nothing else.</summary>
internal static class AdmissionObjects
{
    public const string ValidatePath = "validate";
    public const string MutatePath = "mutate";

    private const int TimeoutSeconds = 5;
    private const string NameLabel = "kubernetes.io/metadata.name";

    // Whoever Callers may take for a tenant; what the kernel itself writes is most of what is written, and it waits for nobody.
    private const string Nobody = "request.userInfo.username == '' || request.userInfo.username == 'system:anonymous' || 'system:unauthenticated' in request.userInfo.groups";
    private const string Account = "request.userInfo.username.startsWith('system:serviceaccount:') && !request.userInfo.username.startsWith('system:serviceaccount:kube-system:')";
    private const string Operators = "'system:masters' in request.userInfo.groups || 'system:nodes' in request.userInfo.groups";

    /// <summary>In CEL: whether it may be a tenant that writes.</summary>
    public const string MayBeTenant = $"({Nobody}) || (({Account}) && !({Operators}))";

    /// <summary>The webhooks that may refuse: what tenants write, and, as other webhooks, what is looked at whoever writes it.</summary>
    public static JsonArray Validating(AdmissionRules rules, AdmissionAddress address)
    {
        var tenants = Webhooks([.. rules.All.SelectMany(r => r.Scopes)], address, ValidatePath);
        var others = Webhooks([.. rules.All.SelectMany(r => r.EverybodysScopes)], address, ValidatePath);
        foreach (var webhook in tenants)
        {
            webhook!["matchConditions"] = Condition("tenants", MayBeTenant);
        }

        foreach (var webhook in others)
        {
            webhook!["name"] = "all." + (string)webhook["name"]!;
            webhook["matchConditions"] = Condition("others", $"!({MayBeTenant})");
        }

        return [.. tenants.Concat(others).Select(w => w!.DeepClone())];
    }

    /// <summary>The webhooks that may change; none where the operator has chosen nothing to be changed.</summary>
    public static JsonArray Mutating(AdmissionRules rules, AdmissionAddress address)
    {
        var webhooks = Webhooks([.. rules.Patches.SelectMany(p => p.Scopes)], address, MutatePath);
        foreach (var webhook in webhooks)
        {
            webhook!["reinvocationPolicy"] = "IfNeeded";
        }

        return webhooks;
    }

    private static JsonArray Condition(string name, string expression) => [new JsonObject { ["name"] = name, ["expression"] = expression }];

    private static JsonArray Webhooks(IReadOnlyList<RuleScope> scopes, AdmissionAddress address, string path) =>
        [.. scopes.GroupBy(s => s.Place).OrderBy(g => g.Key).Select(g => (JsonNode)Webhook(g.Key, [.. g], address.ClientConfig(path)))];

    private static JsonObject Webhook(Place place, IReadOnlyList<RuleScope> scopes, JsonObject client) => new()
    {
        ["name"] = $"{place.ToString().ToLowerInvariant()}.tenancy.sealos.io",
        ["admissionReviewVersions"] = new JsonArray("v1"),
        ["clientConfig"] = client,
        ["failurePolicy"] = "Fail",
        ["matchPolicy"] = "Exact",
        ["sideEffects"] = place == Place.Workspaces ? "NoneOnDryRun" : "None",
        ["timeoutSeconds"] = TimeoutSeconds,
        ["namespaceSelector"] = place switch
        {
            Place.Workspaces => OwnedByTenants(),
            Place.Accounts => new JsonObject { ["matchLabels"] = new JsonObject { [NameLabel] = UserDirectory.AccountsNamespace } },
            _ => new JsonObject(),
        },

        // Of an object that changes, either form is looked at, so taking the label off does not help.
        ["objectSelector"] = place == Place.Namespaces ? OwnedByTenants() : new JsonObject(),
        ["rules"] = new JsonArray([.. Rules(place, scopes)]),
    };

    // The operator's own workspace is not bound, and so never waits for this server. It is told by its name, which nobody can give
    // another namespace: whose a team is, its owner decides.
    private static JsonObject OwnedByTenants() => new()
    {
        ["matchExpressions"] = new JsonArray(
            new JsonObject { ["key"] = UserKeys.Owner, ["operator"] = "Exists" },
            new JsonObject { ["key"] = NameLabel, ["operator"] = "NotIn", ["values"] = new JsonArray(UsersObjects.WorkspaceOf(UserDirectory.AdminName)) }),
    };

    private static IEnumerable<JsonNode> Rules(Place place, IReadOnlyList<RuleScope> scopes) => scopes
        .SelectMany(s => s.Resources.Select(r => (s.Group, Resource: r, s.Operations)))
        .GroupBy(s => (s.Group, s.Resource))
        .Select(g => (g.Key.Group, g.Key.Resource, Operations: new string([.. "CUD".Where(o => g.Any(s => s.Operations.Contains(o)))])))
        .GroupBy(s => (s.Group, s.Operations))
        .OrderBy(g => g.Key.Group, StringComparer.Ordinal).ThenBy(g => g.Key.Operations, StringComparer.Ordinal)
        .Select(g => new JsonObject
        {
            ["apiGroups"] = new JsonArray(g.Key.Group),
            ["apiVersions"] = new JsonArray("*"),
            ["operations"] = new JsonArray([.. g.Key.Operations.Select(o => (JsonNode)(o switch { 'C' => "CREATE", 'U' => "UPDATE", _ => "DELETE" }))]),
            ["resources"] = new JsonArray([.. g.Select(s => s.Resource).Order(StringComparer.Ordinal).Select(r => (JsonNode)r)]),
            ["scope"] = place is Place.Cluster or Place.Namespaces ? "Cluster" : "Namespaced",
        });
}

/// <summary>Where the API server finds this one, and whose certificate it must show there.</summary>
internal sealed record AdmissionAddress(AdmissionService? Service, int Port, AdmissionIdentity Identity)
{
    public JsonObject ClientConfig(string path)
    {
        var config = new JsonObject { ["caBundle"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(Identity.Authority)) };
        var full = $"/{Identity.Path}/{path}";
        if (Service is { } service)
        {
            config["service"] = new JsonObject { ["namespace"] = service.Namespace, ["name"] = service.Name, ["path"] = full, ["port"] = service.Port };
        }
        else
        {
            config["url"] = $"https://127.0.0.1:{Port}{full}";
        }

        return config;
    }
}
