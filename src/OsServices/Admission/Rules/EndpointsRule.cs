using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>
/// Where a Service's visitors go is found out by controllers. One written by hand may lead out of the cloud, but to no pod, service or
/// node of it: gateway and API server, which connect for others, stand behind every wall. What is mirrored into slices was written by hand.
/// </summary>
internal sealed class EndpointsRule(AdmissionOptions options) : AdmissionRule
{
    private const string Discovery = "discovery.k8s.io";
    private const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";
    private const string Mirror = "endpointslicemirroring-controller.k8s.io";

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "", "endpoints"), new(Place.Workspaces, "CU", Discovery, "endpointslices")];

    public override bool BindsEverybody => true;

    protected override Refusal? Judge(AdmissionRequest request)
    {
        var isMirrored = request.Object.Child("metadata", "labels").Text(ManagerLabel) == Mirror;
        if (!request.Caller.IsTenant && !isMirrored)
        {
            return null;
        }

        IEnumerable<string?> addresses = request.Group == Discovery
            ? request.Object.Objects("endpoints").SelectMany(e => e.Texts("addresses"))
            : request.Object.Objects("subsets").SelectMany(s => s.Objects("addresses").Concat(s.Objects("notReadyAddresses"))).Select(a => a.Text("ip"));
        var ranges = options.AllClosed;
        return addresses.FirstOrDefault(a => AddressRanges.Parse(a) is not { } ip || AddressRanges.IsClosed(ip, ranges)) is { } closed
            ? new Refusal($"endpoint {closed} belongs to no workspace or to the cloud itself; give the Service a selector to reach your own pods")
            : null;
    }
}
