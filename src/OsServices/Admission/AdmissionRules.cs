using Sealos.OsServices.Admission.Hosts;
using Sealos.OsServices.Admission.Rules;

namespace Sealos.OsServices.Admission;

/// <summary>The table of all rules, in the order in which they are asked: what costs nothing first, what takes something last.</summary>
internal sealed class AdmissionRules(AdmissionOptions options, IHostClaims hosts, IPodChoices pods)
{
    /// <summary>What may be refused.</summary>
    public IReadOnlyList<AdmissionRule> All { get; } =
    [
        new NamespaceRule(),
        new WallsRule(),
        new GuardedGroupsRule(),
        new NotificationRule(),
        new RoleRule(),
        new RoleBindingRule(),
        new AccountTokenRule(),
        new SuspensionRule(),
        new FinalizerRule(),
        new NetworkPolicyRule(options),
        new ServiceRule(options),
        new EndpointsRule(options),
        new PodPlaceRule(),
        new PodRule(options, pods),
        new PodTemplateRule(options, pods),
        new VolumeClaimRule(options),
        new SnapshotRule(),
        new UserRule(options),
        new OperationrequestRule(),
        new DeleteRequestRule(),
        new IngressRule(options, hosts),
    ];

    /// <summary>What is changed.</summary>
    public IReadOnlyList<IAdmissionPatch> Patches { get; } = [new RequesterMark(), new PodDefaults(options, pods)];
}
