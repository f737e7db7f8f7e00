using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Audit;

/// <summary>How much of a request is written down.</summary>
internal enum AuditLevel
{
    None,
    Metadata,
    Request,
    RequestResponse,
}

/// <summary>What a policy says of a request.</summary>
internal readonly record struct AuditDecision(AuditLevel Level, IReadOnlySet<string> OmittedStages, bool OmitManagedFields)
{
    public static AuditDecision Nothing { get; } = new(AuditLevel.None, new HashSet<string>(), false);
}

/// <summary>Which requests are written down, and how much of them: the first rule that fits decides (audit.k8s.io/v1 Policy).</summary>
internal sealed class AuditPolicy
{
    private static readonly string[] Stages = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];

    private readonly AuditRule[] _rules;

    private AuditPolicy(AuditRule[] rules) => _rules = rules;

    /// <summary>
    /// Who changed what, without what: reads, what the system tells itself all the time, and questions about rights would
    /// bury it.
    /// </summary>
    public static AuditPolicy Default { get; } = Parse(
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - level: None
          verbs: [get, list, watch, head]
        - level: None
          resources:
          - group: ""
            resources: [events]
          - group: events.k8s.io
          - group: coordination.k8s.io
            resources: [leases]
          - group: authorization.k8s.io
          - group: authentication.k8s.io
            resources: [tokenreviews, selfsubjectreviews]
        - level: None
          userGroups: [system:nodes]
          resources:
          - group: ""
            resources: [nodes/status, pods/status]
        - level: Metadata
        """);

    /// <summary>Reads a policy in YAML or JSON.</summary>
    /// <exception cref="FormatException">It is not one; the message names what is wrong.</exception>
    public static AuditPolicy Parse(string text)
    {
        JsonObject policy;
        try
        {
            policy = YamlText.Parse(Encoding.UTF8.GetBytes(text)) as JsonObject ?? throw new FormatException("the audit policy is not an object");
        }
        catch (DecodeException e)
        {
            throw new FormatException($"the audit policy is not YAML: {e.Message}", e);
        }

        if (policy.Text("apiVersion") != "audit.k8s.io/v1" || policy.Text("kind") != "Policy")
        {
            throw new FormatException("the audit policy must be of apiVersion audit.k8s.io/v1 and kind Policy");
        }

        var rules = policy.Objects("rules").ToList();
        if (rules.Count == 0)
        {
            throw new FormatException("the audit policy has no rules");
        }

        var omitted = StagesIn(policy);
        var omitManagedFields = policy.Flag("omitManagedFields") ?? false;
        return new AuditPolicy([.. rules.Select(rule => new AuditRule(rule, new AuditDecision(
            Enum.TryParse<AuditLevel>(rule.Text("level"), out var level) ? level : throw new FormatException($"the audit level {rule.Text("level")} is not one of None, Metadata, Request, RequestResponse"),
            StagesIn(rule).Concat(omitted).ToHashSet(),
            rule.Flag("omitManagedFields") ?? omitManagedFields)))]);
    }

    public AuditDecision Decide(UserInfo? user, RequestInfo info)
    {
        foreach (var rule in _rules)
        {
            if (rule.Fits(user, info))
            {
                // Whatever a policy says, secrets and tokens are not written down.
                return HoldsSecrets(info) && rule.Decision.Level > AuditLevel.Metadata ? rule.Decision with { Level = AuditLevel.Metadata } : rule.Decision;
            }
        }

        return AuditDecision.Nothing;
    }

    private static bool HoldsSecrets(RequestInfo info) =>
        info is { Group: "", Plural: "secrets" } or { Group: "", Plural: "serviceaccounts", Subresource: "token" } or { Group: "authentication.k8s.io", Plural: "tokenreviews" };

    private static IEnumerable<string> StagesIn(JsonObject obj)
    {
        var stages = obj.Texts("omitStages").ToList();
        return stages.Find(s => !Stages.Contains(s)) is { } unknown ? throw new FormatException($"the audit stage {unknown} is not one of {string.Join(", ", Stages)}") : stages;
    }
}
