namespace Sealos.OsServices.Admission.Rules;

/// <summary>
/// Where a pod runs is the scheduler's to say, and how it fares the node's: endpoints, gateway and API server send visitors to the address
/// in its state. Node and scheduler are left out by the webhook's match condition.
/// </summary>
internal sealed class PodPlaceRule : AdmissionRule
{
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "U", "", "pods/status"), new(Place.Workspaces, "C", "", "pods/binding", "bindings")];

    protected override Refusal? Judge(AdmissionRequest request) => request.FullResource == "pods/status"
        ? new Refusal("the state of a pod is written by the cloud alone")
        : new Refusal("pods are placed by the scheduler: leave out the binding");
}
