using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>The objects that limit a workspace stay as the cloud has made them.</summary>
internal sealed class WallsRule : AdmissionRule
{
    private const string Rbac = "rbac.authorization.k8s.io";

    public override IReadOnlyList<RuleScope> Scopes { get; } =
    [
        new(Place.Workspaces, "CUD", "", "resourcequotas", "resourcequotas/status", "limitranges"),
        new(Place.Workspaces, "CUD", "networking.k8s.io", "networkpolicies"),
        new(Place.Workspaces, "CUD", Rbac, "roles"),
    ];

    protected override Refusal? Judge(AdmissionRequest request) => request.Resource switch
    {
        "resourcequotas" => new Refusal("quotas of a workspace are the operator's; ask for more instead of writing a ResourceQuota"),
        "limitranges" when request.Name == request.Namespace => new Refusal($"LimitRange {request.Name} belongs to the workspace's walls and cannot be changed"),
        "networkpolicies" when request.Name == AdmissionNames.WallsPolicy => new Refusal($"NetworkPolicy {request.Name} belongs to the workspace's walls and cannot be changed; add a policy of another name"),
        "networkpolicies" when request is { Operation: AdmissionOperation.Update, Name: WallObjects.InsideName or WallObjects.OutsideName } =>
            new Refusal($"NetworkPolicy {request.Name} is the cloud's and is kept up to date: delete it, and make one of another name that allows less"),
        "roles" when UserRoles.Names.Contains(request.Name) => new Refusal($"Role {request.Name} is the cloud's and cannot be changed; make a Role of another name for your own service accounts"),
        _ => null,
    };
}
