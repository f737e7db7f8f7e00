using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.Node.Processes;

namespace Sealos.Host.InCluster;

/// <summary>An object to be written into a cluster.</summary>
/// <param name="Path">Where it is in the API.</param>
/// <param name="Document">What is wanted of it.</param>
internal sealed record ClusterObject(string Path, JsonObject Document)
{
    /// <summary>As people call it.</summary>
    public string Title => $"{Document["kind"]} {Document["metadata"]!["name"]}";
}

/// <summary>All that <c>sealos install</c> writes, as pure values, each after what it needs.</summary>
internal static class ClusterObjects
{
    public const string TlsSecret = "sealos-domain";
    public const string IngressClassPath = "/apis/networking.k8s.io/v1/ingressclasses/sealos";
    public const string GatewayPath = $"/api/v1/namespaces/{Ns}/services/{Name}";
    public const string DeploymentPath = $"/apis/apps/v1/namespaces/{Ns}/deployments/{Name}";
    public const string SecretPath = $"/api/v1/namespaces/{Ns}/secrets/{TlsSecret}";

    /// <summary>What was asked for so far, in the ConfigMap of the settings: the next installation changes only what it says.</summary>
    public const string Kept = "install.json";

    private const int DefaultReplicas = 2;
    private const string Ns = ClusterOptions.Namespace;
    private const string Name = ClusterOptions.Name;
    private const string Account = "sealos-server";
    private const string Role = "sealos:server";
    private const string Rbac = "rbac.authorization.k8s.io";
    private const int User = 65532;
    private const string SettingsFolder = "/etc/sealos/settings";

    private static readonly string[] OfCluster = ["Namespace", "ClusterRole", "ClusterRoleBinding", "IngressClass"];

    /// <summary>What must be there before the rest can be decided: a node port has to be known before it can stand in the settings.</summary>
    public static IReadOnlyList<ClusterObject> First(ClusterRequest request) =>
    [
        new($"/api/v1/namespaces/{Ns}", OwnNamespace()),
        new(GatewayPath, Of("v1", "Service", Name, "spec", new JsonObject
        {
            ["type"] = request.Expose ?? "LoadBalancer",

            // Limits are for each address: people must not share that of a node.
            ["externalTrafficPolicy"] = "Local",
            ["selector"] = new JsonObject { ["app.kubernetes.io/name"] = Name, [ClusterProcess.LeaderLabel] = "true" },
            ["ports"] = new JsonArray(Port("http", 80, "http"), Port("https", 443, "https")),
        })),
    ];

    /// <summary>The rest.</summary>
    public static IReadOnlyList<ClusterObject> Rest(ClusterOptions options, ClusterRequest request, string secretVersion)
    {
        var settings = options.Write();
        var stamp = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings + secretVersion)))[..16];
        return
        [
            new($"/api/v1/namespaces/{Ns}/serviceaccounts/{Account}", Of("v1", "ServiceAccount", Account)),
            new($"/apis/{Rbac}/v1/clusterroles/{Role}", Of($"{Rbac}/v1", "ClusterRole", Role, "rules", ClusterRights.Rules())),
            new($"/apis/{Rbac}/v1/clusterrolebindings/{Role}", Bound(Of($"{Rbac}/v1", "ClusterRoleBinding", Role, "subjects", Subjects()), "ClusterRole", Role)),
            new($"/apis/{Rbac}/v1/namespaces/{Ns}/roles/{Account}", Of($"{Rbac}/v1", "Role", Account, "rules", ClusterRights.OwnRules())),
            new($"/apis/{Rbac}/v1/namespaces/{Ns}/rolebindings/{Account}", Bound(Of($"{Rbac}/v1", "RoleBinding", Account, "subjects", Subjects()), "Role", Account)),
            new(IngressClassPath, Of("networking.k8s.io/v1", "IngressClass", "sealos", "spec", new JsonObject { ["controller"] = "sealos.io/gateway" })),
            new($"/api/v1/namespaces/{Ns}/configmaps/{Name}", Of("v1", "ConfigMap", Name, "data", new JsonObject { ["cluster.json"] = settings, [Kept] = request.Write() })),
            new($"/api/v1/namespaces/{Ns}/services/{ClusterOptions.AdmissionName}", Of("v1", "Service", ClusterOptions.AdmissionName, "spec", new JsonObject
            {
                ["selector"] = new JsonObject { ["app.kubernetes.io/name"] = Name },
                ["ports"] = new JsonArray(Port("admission", 443, "admission")),
            })),
            new(DeploymentPath, Of("apps/v1", "Deployment", Name, "spec", new JsonObject
            {
                ["replicas"] = request.Replicas ?? DefaultReplicas,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app.kubernetes.io/name"] = Name } },
                ["strategy"] = new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 0, ["maxSurge"] = 1 } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["labels"] = new JsonObject { ["app.kubernetes.io/name"] = Name },
                        ["annotations"] = new JsonObject { ["sealos.io/settings"] = stamp },
                    },
                    ["spec"] = Pod(request.Image ?? ServerImage.Reference),
                },
            })),
        ];
    }

    /// <summary>What uninstalling deletes, in this order: first what would refuse writes without the services.</summary>
    public static IReadOnlyList<(string Title, string Path)> Gone { get; } =
    [
        ("the rules that keep workspaces apart (ValidatingWebhookConfiguration sealos-tenancy)", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/sealos-tenancy"),
        ("the same (MutatingWebhookConfiguration sealos-tenancy)", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/sealos-tenancy"),
        ($"namespace {Ns} with server, gateway, desktop, settings and certificates", $"/api/v1/namespaces/{Ns}"),
        ($"ClusterRoleBinding {Role}", $"/apis/{Rbac}/v1/clusterrolebindings/{Role}"),
        ($"ClusterRole {Role}", $"/apis/{Rbac}/v1/clusterroles/{Role}"),
        ("IngressClass sealos", IngressClassPath),
    ];

    /// <summary>The Secret with the domain's certificate.</summary>
    public static JsonObject Tls(IReadOnlyDictionary<string, string> files)
    {
        var data = new JsonObject();
        foreach (var (name, text) in files)
        {
            data[name] = Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
        }

        return Of("v1", "Secret", TlsSecret, "data", data);
    }

    private static JsonObject Pod(string image) => new()
    {
        ["serviceAccountName"] = Account,
        ["securityContext"] = new JsonObject
        {
            ["runAsNonRoot"] = true,
            ["runAsUser"] = User,
            ["runAsGroup"] = User,
            ["fsGroup"] = User,
            ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
        },
        ["terminationGracePeriodSeconds"] = 30,
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "server",
            ["image"] = image,
            ["imagePullPolicy"] = "IfNotPresent",
            ["args"] = new JsonArray("server", "--settings", $"{SettingsFolder}/cluster.json"),
            ["env"] = Variables(),
            ["ports"] = new JsonArray(ContainerPort("http", 8080), ContainerPort("https", 8443), ContainerPort("admission", ClusterOptions.AdmissionPort)),

            // Writes are judged by every copy, so a copy is ready when it can do that; the gateway's Service finds the leader by its label.
            ["readinessProbe"] = new JsonObject { ["tcpSocket"] = new JsonObject { ["port"] = "admission" }, ["periodSeconds"] = 2 },
            ["resources"] = new JsonObject
            {
                ["requests"] = new JsonObject { ["cpu"] = "50m", ["memory"] = "192Mi" },
                ["limits"] = new JsonObject { ["memory"] = "1Gi" },
            },
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["readOnlyRootFilesystem"] = true,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            },
            ["volumeMounts"] = new JsonArray(Mount("settings", SettingsFolder, true), Mount("tls", "/etc/sealos/tls", true), Mount("run", "/run/sealos", false), Mount("tmp", "/tmp", false)),
        }),
        ["volumes"] = new JsonArray(
            new JsonObject { ["name"] = "settings", ["configMap"] = new JsonObject { ["name"] = Name } },

            // The authority's key stays in the Secret.
            new JsonObject { ["name"] = "tls", ["secret"] = new JsonObject { ["secretName"] = TlsSecret, ["items"] = new JsonArray(Item("tls.crt"), Item("tls.key"), Item("ca.crt")) } },
            new JsonObject { ["name"] = "run", ["emptyDir"] = new JsonObject { ["sizeLimit"] = "16Mi" } },
            new JsonObject { ["name"] = "tmp", ["emptyDir"] = new JsonObject { ["sizeLimit"] = "256Mi" } }),
    };

    private static JsonArray Variables()
    {
        JsonArray all = [new JsonObject { ["name"] = "POD_NAME", ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.name" } } }];
        foreach (var (name, value) in RuntimeSettings.Environment)
        {
            all.Add(new JsonObject { ["name"] = name, ["value"] = value });
        }

        return all;
    }

    private static JsonObject Of(string version, string kind, string name, string part, JsonNode content)
    {
        var made = Of(version, kind, name);
        made[part] = content;
        return made;
    }

    private static JsonObject Of(string version, string kind, string name)
    {
        var metadata = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "sealos" } };
        if (!OfCluster.Contains(kind))
        {
            metadata["namespace"] = Ns;
        }

        return new JsonObject { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = metadata };
    }

    private static JsonObject OwnNamespace()
    {
        var made = Of("v1", "Namespace", Ns);
        made["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"] = "restricted";
        return made;
    }

    private static JsonObject Bound(JsonObject binding, string kind, string role)
    {
        binding["roleRef"] = new JsonObject { ["apiGroup"] = Rbac, ["kind"] = kind, ["name"] = role };
        return binding;
    }

    private static JsonArray Subjects() => [new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Account, ["namespace"] = Ns }];

    private static JsonObject Port(string name, int port, string target) => new() { ["name"] = name, ["port"] = port, ["targetPort"] = target, ["protocol"] = "TCP" };

    private static JsonObject ContainerPort(string name, int port) => new() { ["name"] = name, ["containerPort"] = port, ["protocol"] = "TCP" };

    private static JsonObject Mount(string name, string path, bool isReadOnly) => new() { ["name"] = name, ["mountPath"] = path, ["readOnly"] = isReadOnly };

    private static JsonObject Item(string name) => new() { ["key"] = name, ["path"] = name };
}
