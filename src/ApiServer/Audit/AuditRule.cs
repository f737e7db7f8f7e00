using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Audit;

/// <summary>One rule of an audit policy; what it does not mention it does not ask for.</summary>
internal sealed class AuditRule(JsonObject rule, AuditDecision decision)
{
    private readonly HashSet<string> _users = [.. rule.Texts("users")];
    private readonly HashSet<string> _groups = [.. rule.Texts("userGroups")];
    private readonly HashSet<string> _verbs = [.. rule.Texts("verbs")];
    private readonly HashSet<string> _namespaces = [.. rule.Texts("namespaces")];
    private readonly string[] _paths = [.. rule.Texts("nonResourceURLs")];
    private readonly Resources[] _resources =
        [.. rule.Objects("resources").Select(r => new Resources(r.Text("group") ?? "", [.. r.Texts("resources")], [.. r.Texts("resourceNames")]))];

    public AuditDecision Decision => decision;

    public bool Fits(UserInfo? user, RequestInfo info)
    {
        if ((_verbs.Count > 0 && !_verbs.Contains(info.Verb))
            || (_users.Count > 0 && (user is null || !_users.Contains(user.Name)))
            || (_groups.Count > 0 && (user is null || !user.Groups.Any(_groups.Contains))))
        {
            return false;
        }

        if (_namespaces.Count > 0 || _resources.Length > 0)
        {
            return info.IsResource
                && (_namespaces.Count == 0 || _namespaces.Contains(info.Namespace ?? ""))
                && (_resources.Length == 0 || Array.Exists(_resources, r => r.Fit(info)));
        }

        return _paths.Length == 0 || (!info.IsResource && Array.Exists(_paths, p => FitsPath(p, info.Path)));
    }

    private static bool FitsPath(string pattern, string path) =>
        pattern == "*" || pattern == path || (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal));

    private sealed record Resources(string Group, HashSet<string> Plurals, HashSet<string> Names)
    {
        public bool Fit(RequestInfo info)
        {
            if (info.Group != Group || (Names.Count > 0 && (info.Name is null || !Names.Contains(info.Name))))
            {
                return false;
            }

            if (Plurals.Count == 0 || Plurals.Contains("*"))
            {
                return true;
            }

            return info.Subresource is null
                ? Plurals.Contains(info.Plural!)
                : Plurals.Contains($"{info.Plural}/{info.Subresource}") || Plurals.Contains($"{info.Plural}/*") || Plurals.Contains($"*/{info.Subresource}");
        }
    }
}
