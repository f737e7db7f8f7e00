using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Admission;

/// <summary>Keeps both configurations as they must be: whoever changes or deletes one finds it as it was.</summary>
internal sealed class AdmissionInstaller(KubeClient client, AdmissionRules rules)
{
    // What the API server fills in does not count as a difference, so what was written last is remembered by its hash.
    private const string HashKey = "sealos.io/definition";

    // Before Kubernetes 1.28 they are dropped: more is asked about then, and answered the same.
    private const string Conditions = "matchConditions";

    /// <summary>
    /// The port that the configurations name, or 0. A server that comes back to it has nothing to write, which it could not where
    /// the disk is full.
    /// </summary>
    public async Task<int> PortAsync(CancellationToken ct)
    {
        var current = await client.FindAsync<ValidatingConfiguration>(null, AdmissionNames.Configuration, ct).ConfigureAwait(false);
        return Uri.TryCreate((string?)current?.Webhooks?.FirstOrDefault()?["clientConfig"]?["url"], UriKind.Absolute, out var url) && url.IsLoopback ? url.Port : 0;
    }

    /// <summary>Writes what differs.</summary>
    public async Task EnsureAsync(AdmissionAddress address, CancellationToken ct) => await Task.WhenAll(
        EnsureAsync<MutatingConfiguration>(AdmissionObjects.Mutating(rules, address), ct),
        EnsureAsync<ValidatingConfiguration>(AdmissionObjects.Validating(rules, address), ct)).ConfigureAwait(false);

    private async Task EnsureAsync<T>(JsonArray webhooks, CancellationToken ct)
        where T : class, IAdmissionConfiguration, IKubeObject<T>, new()
    {
        var text = webhooks.ToJsonString();
        var current = await client.FindAsync<T>(null, AdmissionNames.Configuration, ct).ConfigureAwait(false);
        var hash = Hash(text);
        if (current is null)
        {
            await client.CreateAsync(new T { Metadata = new ObjectMeta { Name = AdmissionNames.Configuration, Annotations = new() { [HashKey] = hash } }, Webhooks = webhooks }, ct).ConfigureAwait(false);
            return;
        }

        if (current.Metadata.Annotations?.GetValueOrDefault(HashKey) == hash && IsSame(webhooks, current.Webhooks))
        {
            return;
        }

        (current.Metadata.Annotations ??= [])[HashKey] = hash;
        current.Webhooks = webhooks;
        await client.UpdateAsync(current, ct).ConfigureAwait(false);
    }

    // Everything that is written must be there; what the API server adds beside it is its own.
    private static bool IsSame(JsonNode? wanted, JsonNode? current) => (wanted, current) switch
    {
        (JsonObject w, JsonObject c) => w.All(p => IsSame(p.Value, c[p.Key]) || (p.Key == Conditions && c[p.Key] is null) || (p.Value is JsonObject { Count: 0 } && c[p.Key] is null)),
        (JsonArray w, JsonArray c) => w.Count == c.Count && w.Zip(c).All(p => IsSame(p.First, p.Second)),
        (JsonArray { Count: 0 }, null) => true,
        _ => JsonNode.DeepEquals(wanted, current),
    };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}

/// <summary>What both configurations have.</summary>
internal interface IAdmissionConfiguration : IKubeObject
{
    /// <summary>Their webhooks, as JSON.</summary>
    JsonArray? Webhooks { get; set; }
}

/// <summary>Webhooks that may refuse.</summary>
internal sealed class ValidatingConfiguration : IKubeObject<ValidatingConfiguration>, IAdmissionConfiguration
{
    public static KubeKind KubeKind { get; } = new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false);

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();

    public JsonArray? Webhooks { get; set; }
}

/// <summary>Webhooks that may change.</summary>
internal sealed class MutatingConfiguration : IKubeObject<MutatingConfiguration>, IAdmissionConfiguration
{
    public static KubeKind KubeKind { get; } = new("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false);

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();

    public JsonArray? Webhooks { get; set; }
}
