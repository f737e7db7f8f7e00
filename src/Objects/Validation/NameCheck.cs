namespace Sealos.Objects.Validation;

/// <summary>Name rules that matter beyond the validation of objects.</summary>
public static class NameCheck
{
    /// <summary>Why a name is no DNS label; empty when it is one.</summary>
    public static IReadOnlyList<string> DnsLabel(string name) => [.. NameRules.DnsLabel(name)];
}
