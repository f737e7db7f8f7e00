using System.Net;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>
/// Policies add up, so one of a tenant's could open what the walls close. Ways out must stay in the workspace or lead to where the
/// walls lead anyway; ways in open nothing, as nobody else's way out leads here.
/// </summary>
internal sealed class NetworkPolicyRule(AdmissionOptions options) : AdmissionRule
{
    private const string NamespaceLabel = "kubernetes.io/metadata.name";

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "networking.k8s.io", "networkpolicies")];

    protected override Refusal? Judge(AdmissionRequest request)
    {
        foreach (var rule in request.Object.Child("spec").Objects("egress"))
        {
            JsonObject[] peers = [.. rule.Objects("to")];
            if (peers.Length == 0)
            {
                return new Refusal("an egress rule without 'to' opens every way out; name the pods with 'to: [{podSelector: {}}]', or addresses outside the cloud with an ipBlock");
            }

            if (peers.Select(p => JudgePeer(p, request.Namespace)).FirstOrDefault(r => r is not null) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private Refusal? JudgePeer(JsonObject peer, string ns)
    {
        if (peer.Child("ipBlock") is { } block)
        {
            return JudgeBlock(block);
        }

        return peer.Child("namespaceSelector") is { } selector && !IsOnly(selector, ns)
            ? new Refusal($"an egress peer must stay in this workspace: leave namespaceSelector out, or select {NamespaceLabel}={ns}")
            : null;
    }

    private Refusal? JudgeBlock(JsonObject block)
    {
        IPNetwork[] exceptions = [.. block.Texts("except").Select(Parse).OfType<IPNetwork>()];
        if (Parse(block.Text("cidr")) is not { } range)
        {
            return new Refusal($"ipBlock '{block.Text("cidr")}' cannot be read as a range");
        }

        var opened = string.Join(", ", AddressRanges.Opened(range, exceptions, options.AllClosed));
        return opened.Length > 0 ? new Refusal($"ipBlock {range} would open what is closed to workspaces; add to its 'except': {opened}") : null;
    }

    private static bool IsOnly(JsonObject selector, string ns)
    {
        var labels = selector.TextMap("matchLabels") ?? new Dictionary<string, string>();
        var expressions = selector.Objects("matchExpressions").ToList();
        return labels.GetValueOrDefault(NamespaceLabel) == ns
            || expressions.Any(e => e.Text("key") == NamespaceLabel && e.Text("operator") == "In" && e.Texts("values").ToArray() is [var only] && only == ns);
    }

    private static IPNetwork? Parse(string? text)
    {
        var parts = text?.Split('/') ?? [];
        return parts.Length == 2 && AddressRanges.Parse(parts[0]) is { } address && int.TryParse(parts[1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var prefix)
            && prefix >= 0 && prefix <= address.GetAddressBytes().Length * 8
            ? new IPNetwork(Mask(address, prefix), prefix)
            : null;
    }

    // Blocks may be written with bits beyond their prefix.
    private static IPAddress Mask(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(prefix - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
