using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Every pod runs as a service account, and gets that account's token mounted unless it declines.</summary>
internal sealed class ServiceAccountAdmission(KindCache serviceAccounts) : AdmissionPlugin
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private const string VolumePrefix = "kube-api-access-";
    private const int TokenSeconds = 3607;

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation != Operation.Create || !attributes.Concerns("", "pods") || attributes.Object.Child("spec") is not { } spec
            || attributes.Object.Child("metadata", "annotations")?[MirrorAnnotation] is not null)
        {
            return ValueTask.CompletedTask;
        }

        var name = spec.Text("serviceAccountName") is { Length: > 0 } given ? given : spec.Text("serviceAccount") is { Length: > 0 } old ? old : "default";
        spec["serviceAccountName"] = name;
        spec["serviceAccount"] = name;
        var account = serviceAccounts.Get(attributes.Namespace, name)?.Parse()
            ?? throw attributes.Forbidden($"error looking up service account {attributes.Namespace}/{name}: serviceaccount \"{name}\" not found");
        if (spec.Flag("automountServiceAccountToken") ?? account.Flag("automountServiceAccountToken") ?? true)
        {
            MountToken(spec);
        }

        if (spec.Array("imagePullSecrets") is null or { Count: 0 } && account.Array("imagePullSecrets") is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepClone();
        }

        return ValueTask.CompletedTask;
    }

    private static void MountToken(JsonObject spec)
    {
        var lacking = spec.Objects("containers").Concat(spec.Objects("initContainers"))
            .Where(c => !c.Objects("volumeMounts").Any(m => m.Text("mountPath") == MountPath))
            .ToList();
        if (lacking.Count == 0)
        {
            return;
        }

        // Containers that came with a webhook share the volume of the others.
        var existing = spec.Objects("volumes").Select(v => v.Text("name") ?? "").FirstOrDefault(name => name.StartsWith(VolumePrefix, StringComparison.Ordinal));
        var volume = existing ?? VolumePrefix + NameGenerator.Suffix();
        foreach (var container in lacking)
        {
            ArrayOf(container, "volumeMounts").Add(new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = MountPath });
        }

        if (existing is not null)
        {
            return;
        }

        ArrayOf(spec, "volumes").Add(new JsonObject
        {
            ["name"] = volume,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(
                    new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = TokenSeconds, ["path"] = "token" } },
                    new JsonObject
                    {
                        ["configMap"] = new JsonObject
                        {
                            ["name"] = "kube-root-ca.crt",
                            ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                        },
                    },
                    new JsonObject
                    {
                        ["downwardAPI"] = new JsonObject
                        {
                            ["items"] = new JsonArray(new JsonObject
                            {
                                ["path"] = "namespace",
                                ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                            }),
                        },
                    }),
                ["defaultMode"] = 420,
            },
        });
    }

    private static JsonArray ArrayOf(JsonObject obj, string name)
    {
        if (obj[name] is not JsonArray array)
        {
            array = [];
            obj[name] = array;
        }

        return array;
    }
}
