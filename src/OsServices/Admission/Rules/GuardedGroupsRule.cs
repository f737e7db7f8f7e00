namespace Sealos.OsServices.Admission.Rules;

/// <summary>What stands for money is written by the cloud alone, states included.</summary>
internal sealed class GuardedGroupsRule : AdmissionRule
{
    /// <summary>Groups whose objects tenants only read.</summary>
    private static readonly string[] Groups = ["account.sealos.io", "licence.sealos.io", "license.sealos.io", "metering.sealos.io"];

    public override IReadOnlyList<RuleScope> Scopes { get; } =
    [
        .. Groups.SelectMany(g => new RuleScope[] { new(Place.Workspaces, "CUD", g, "*/*"), new(Place.Accounts, "CUD", g, "*/*"), new(Place.Cluster, "CUD", g, "*/*") }),
    ];

    protected override Refusal? Judge(AdmissionRequest request) => new($"objects of {request.Group} are written by the cloud alone");
}
