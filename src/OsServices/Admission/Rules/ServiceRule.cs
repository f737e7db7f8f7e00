using System.Net;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Ways from outside into a workspace, and names that lead out of it.</summary>
internal sealed class ServiceRule(AdmissionOptions options) : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "", "services"), new(Place.Workspaces, "U", "", "services/status")];

    protected override Refusal? Judge(AdmissionRequest request)
    {
        if (request.Subresource.Length > 0)
        {
            return new Refusal("the state of a Service is written by the cloud alone");
        }

        var spec = request.Object.Child("spec");
        if (spec.Array("externalIPs") is { Count: > 0 } && !options.AllowsExternalAddresses)
        {
            return new Refusal("externalIPs are not allowed here: they would take addresses from others; use an Ingress");
        }

        return spec.Text("type") switch
        {
            "NodePort" when !options.AllowsNodePorts => new Refusal("Services of type NodePort are not allowed here; use ClusterIP with an Ingress"),
            "LoadBalancer" when !options.AllowsLoadBalancers => new Refusal("Services of type LoadBalancer are not allowed here; use ClusterIP with an Ingress, or NodePort"),
            "ExternalName" => JudgeName(spec),
            _ => null,
        };
    }

    private Refusal? JudgeName(JsonObject? spec)
    {
        var name = (spec.Text("externalName") ?? "").TrimEnd('.').ToLowerInvariant();
        if (!options.AllowsExternalNames)
        {
            return new Refusal("Services of type ExternalName are not allowed here");
        }

        var isInside = !name.Contains('.', StringComparison.Ordinal)
            || new[] { options.ClusterZone, "svc", "local", "localhost", "internal", "in-addr.arpa", "ip6.arpa" }.Any(zone => name == zone || name.EndsWith("." + zone, StringComparison.Ordinal));
        return isInside || IsAddress(name)
            ? new Refusal($"externalName '{name}' must be the full name of a host outside the cluster, such as db.example.com, not an address or a name inside")
            : null;
    }

    // Resolvers take 10.1 and 0x7f000001 for addresses, too.
    private static bool IsAddress(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return IPAddress.TryParse(name, out _) || last.Length == 0 || char.IsAsciiDigit(last[0]);
    }
}
