using System.Text.Json.Serialization;
using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>What is remembered of an Ingress: its hosts alone, as there are many thousands of them.</summary>
internal sealed class IngressHosts : IKubeObject<IngressHosts>
{
    /// <summary>Files them by host.</summary>
    public const string ByHost = "host";

    public static KubeKind KubeKind { get; } = new("networking.k8s.io", "v1", "Ingress", "ingresses", true);

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public ObjectMeta Metadata { get; set; } = new();

    public IngressHostsSpec? Spec { get; set; }

    /// <summary>All of them, each once.</summary>
    [JsonIgnore]
    public IEnumerable<string> Hosts => (Spec?.Rules ?? []).Select(r => HostNames.Normalize(r.Host)).Where(h => h.Length > 0).Distinct();
}

/// <summary>The rules of an Ingress.</summary>
internal sealed class IngressHostsSpec
{
    public List<IngressHostsRule>? Rules { get; set; }
}

/// <summary>A rule's host.</summary>
internal sealed class IngressHostsRule
{
    public string? Host { get; set; }
}
