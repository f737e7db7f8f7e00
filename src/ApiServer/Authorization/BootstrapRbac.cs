using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Authorization;

/// <summary>A role or binding that must be there from the start; the JSON is ready to be created.</summary>
internal sealed record BootstrapObject(RbacKind Kind, string? Namespace, string Name, ReadOnlyMemory<byte> Json);

/// <summary>
/// Kubernetes' default roles and bindings, and what makes volumes, read from <c>bootstrap-rbac.txt</c> (whose
/// head explains its form).
/// </summary>
internal static class BootstrapRbac
{
    private const string Resource = "Sealos.ApiServer.Authorization.bootstrap-rbac.txt";
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "delete", "deletecollection", "patch", "update"];
    private static readonly Lazy<IReadOnlyList<BootstrapObject>> All = new(Load);

    /// <summary>In an order in which they can be created; needs namespaces kube-system and kube-public.</summary>
    public static IReadOnlyList<BootstrapObject> Objects => All.Value;

    /// <summary>What a node may do, apart from what depends on its pods.</summary>
    public static IReadOnlyList<PolicyRule> NodeRules => RbacJson.ReadRole(Objects.Single(o => o is { Kind: RbacKind.ClusterRole, Name: "system:node" }).Json).Rules;

    private static IReadOnlyList<BootstrapObject> Load()
    {
        using var stream = typeof(BootstrapRbac).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        var objects = Parse(reader.ReadToEnd());
        FillAggregatedRules(objects);
        return [.. objects.Select(o => ToBootstrapObject(o)).OrderBy(o => o.Kind is RbacKind.RoleBinding or RbacKind.ClusterRoleBinding)];
    }

    private static List<JsonObject> Parse(string text)
    {
        var objects = new List<JsonObject>();
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] != ' ')
            {
                objects.Add(ParseHead(words));
            }
            else if (objects[^1]["rules"] is JsonArray rules)
            {
                rules.Add(ParseRule(words));
            }
            else
            {
                var binding = objects[^1];
                (binding["subjects"] ??= new JsonArray()).AsArray().Add(ParseSubject(words));
            }
        }

        return objects;
    }

    private static JsonObject ParseHead(string[] words)
    {
        var (kind, path) = (words[0], words[1]);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var name = path[(slash + 1)..];
        var labels = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" };
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["labels"] = labels,
            ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
        };
        if (slash > 0)
        {
            metadata["namespace"] = path[..slash];
        }

        var head = new JsonObject { ["apiVersion"] = $"{Group}/v1", ["kind"] = kind, ["metadata"] = metadata };
        var options = words[2..].Select(w => w.Split('=')).ToLookup(o => o[0], o => o[1]);
        foreach (var label in options["label"])
        {
            labels[$"{Group}/{label}"] = "true";
        }

        if (kind.EndsWith("Binding", StringComparison.Ordinal))
        {
            var roleKind = kind == "ClusterRoleBinding" ? "ClusterRole" : "Role";
            head["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = roleKind, ["name"] = options["role"].SingleOrDefault() ?? name };
            return head;
        }

        head["rules"] = new JsonArray();
        if (options["collects"].SingleOrDefault() is { } collected)
        {
            var selector = new JsonObject { ["matchLabels"] = new JsonObject { [$"{Group}/{collected}"] = "true" } };
            head["aggregationRule"] = new JsonObject { ["clusterRoleSelectors"] = new JsonArray(selector) };
        }

        return head;
    }

    private static JsonObject ParseRule(string[] words)
    {
        var verbs = words[0].Split(',').SelectMany(v => v switch { "read" => Read, "write" => Write, _ => [v] }).Order(StringComparer.Ordinal);
        if (words[1] == "url")
        {
            return new JsonObject { ["verbs"] = Texts(verbs), ["nonResourceURLs"] = Texts(words[2].Split(',')) };
        }

        var rule = new JsonObject
        {
            ["verbs"] = Texts(verbs),
            ["apiGroups"] = Texts(words[1].Split(',').Select(g => g == "core" ? "" : g)),
            ["resources"] = Texts(words[2].Split(',')),
        };
        if (words.Length > 3)
        {
            rule["resourceNames"] = Texts(words[3].Split(','));
        }

        return rule;
    }

    private static JsonObject ParseSubject(string[] words)
    {
        if (words[0] == "ServiceAccount")
        {
            var parts = words[1].Split('/');
            return new JsonObject { ["kind"] = words[0], ["namespace"] = parts[0], ["name"] = parts[1] };
        }

        return new JsonObject { ["apiGroup"] = Group, ["kind"] = words[0], ["name"] = words[1] };
    }

    // Decisions work these out themselves; people who look at the roles want to see them.
    private static void FillAggregatedRules(List<JsonObject> objects)
    {
        var clusterRoles = objects.Where(o => (string?)o["kind"] == "ClusterRole").OrderBy(o => (string?)o["metadata"]!["name"], StringComparer.Ordinal).ToList();
        var data = clusterRoles.ConvertAll(o => RbacJson.ReadRole(ToBytes(o)));
        for (var i = 0; i < data.Count; i++)
        {
            if (data[i].Aggregation is not null)
            {
                clusterRoles[i]["rules"] = new JsonArray([.. RoleAggregation.RulesOf(data[i], data).Select(ToJson)]);
            }
        }
    }

    private static JsonNode ToJson(PolicyRule rule) =>
        new JsonObject { ["verbs"] = Texts(rule.Verbs), ["apiGroups"] = Texts(rule.ApiGroups), ["resources"] = Texts(rule.Resources) };

    private static BootstrapObject ToBootstrapObject(JsonObject source)
    {
        var metadata = source["metadata"]!;
        return new BootstrapObject(
            Enum.Parse<RbacKind>((string)source["kind"]!), (string?)metadata["namespace"], (string)metadata["name"]!, ToBytes(source));
    }

    private static byte[] ToBytes(JsonObject source) => JsonSerializer.SerializeToUtf8Bytes(source, Plain);

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)JsonValue.Create(t))]);
}
