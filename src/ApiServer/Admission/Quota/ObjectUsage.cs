using Sealos.Objects.Meta;

namespace Sealos.ApiServer.Admission.Quota;

/// <summary>What one object counts for: amounts by the names quotas know them by, and for pods what scopes ask about.</summary>
/// <param name="Amounts">The amounts.</param>
/// <param name="Pod">Set for pods alone.</param>
internal sealed record ObjectUsage(IReadOnlyDictionary<string, Quantity> Amounts, PodScope? Pod = null)
{
    public static readonly ObjectUsage None = new(new Dictionary<string, Quantity>());
}

/// <summary>What a quota's scopes ask of a pod.</summary>
internal sealed record PodScope(bool IsTerminating, bool IsBestEffort, string PriorityClass, bool CrossesNamespaces)
{
    /// <summary>The resources that its containers must name when a quota limits them, and which of them do not.</summary>
    public required IReadOnlyList<(string Container, IReadOnlySet<string> Named)> Containers { get; init; }
}
