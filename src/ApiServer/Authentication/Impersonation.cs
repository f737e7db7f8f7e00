using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Authorization;

namespace Sealos.ApiServer.Authentication;

/// <summary>Who a request acts as once its Impersonate-* headers are honoured; or why they are not.</summary>
internal readonly record struct ImpersonationResult(UserInfo? User, Refusal? Refusal);

/// <summary>Impersonate-User, -Group, -Uid and -Extra-* headers, each with the right it needs.</summary>
internal sealed class Impersonation(Authorizer authorizer)
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraHeaderPrefix = "Impersonate-Extra-";
    private const string AuthenticationGroup = "authentication.k8s.io";

    /// <summary>
    /// The user to act as: <paramref name="user"/> itself when no such header is there. Takes the headers out when
    /// they are honoured. A refusal with code 500 is answered as text: <c>Internal Server Error: "PATH": MESSAGE</c>.
    /// </summary>
    public ImpersonationResult Apply(UserInfo user, IHeaderDictionary headers)
    {
        var extraHeaders = headers.Keys.Where(k => k.StartsWith(ExtraHeaderPrefix, StringComparison.OrdinalIgnoreCase)).ToList();
        var name = headers[UserHeader].ToString();
        var groups = Values(headers, GroupHeader);
        var uid = headers[UidHeader].ToString();
        // Two headers can be one key, escaped in two ways.
        var extra = extraHeaders.GroupBy(ExtraKey, StringComparer.Ordinal).ToDictionary(
            g => g.Key, g => (IReadOnlyList<string>)[.. g.SelectMany(header => Values(headers, header))], StringComparer.Ordinal);
        if (name.Length == 0)
        {
            var orphans = Orphans(groups, uid, extra);
            return orphans.Length == 0
                ? new ImpersonationResult(user, null)
                : new ImpersonationResult(null, new Refusal(500, "InternalError", $"requested [{orphans}] without impersonating a user"));
        }

        var wishes = Wishes(user, name, groups).Concat(ExtraWishes(user, extra)).Concat(UidWish(user, uid));
        foreach (var wish in wishes)
        {
            var decision = authorizer.Authorize(wish);
            if (!decision.IsAllowed)
            {
                return new ImpersonationResult(null, wish.Forbidden(decision.Reason));
            }
        }

        foreach (var header in extraHeaders.Concat([UserHeader, GroupHeader, UidHeader]))
        {
            headers.Remove(header);
        }

        return new ImpersonationResult(new UserInfo(name, uid.Length > 0 ? uid : null, WithImpliedGroups(name, groups), extra), null);
    }

    private static IEnumerable<AuthorizationAttributes> Wishes(UserInfo user, string name, List<string> groups)
    {
        var isServiceAccount = ServiceAccountUser.TryParse(name, out var @namespace, out var account);
        yield return isServiceAccount
            ? Wish(user, "", "serviceaccounts", account) with { Namespace = @namespace }
            : Wish(user, "", "users", name);
        foreach (var group in groups)
        {
            yield return Wish(user, "", "groups", group);
        }
    }

    private static IEnumerable<AuthorizationAttributes> ExtraWishes(UserInfo user, Dictionary<string, IReadOnlyList<string>> extra) =>
        extra.SelectMany(e => e.Value.Select(value => Wish(user, AuthenticationGroup, "userextras", value) with { Subresource = e.Key }));

    private static IEnumerable<AuthorizationAttributes> UidWish(UserInfo user, string uid) =>
        uid.Length > 0 ? [Wish(user, AuthenticationGroup, "uids", uid)] : [];

    private static AuthorizationAttributes Wish(UserInfo user, string group, string resource, string name) =>
        new(user, "impersonate") { Group = group, Resource = resource, Name = name };

    private static IReadOnlyList<string> WithImpliedGroups(string name, List<string> groups)
    {
        if (groups.Count == 0 && ServiceAccountUser.TryParse(name, out var @namespace, out _))
        {
            groups.AddRange(ServiceAccountUser.GroupsOf(@namespace));
        }

        var isAnonymous = name == UserInfo.AnonymousName;
        if (!groups.Contains(UserInfo.UnauthenticatedGroup) && (isAnonymous || !groups.Contains(UserInfo.AuthenticatedGroup)))
        {
            groups.Add(isAnonymous ? UserInfo.UnauthenticatedGroup : UserInfo.AuthenticatedGroup);
        }

        return groups;
    }

    // Kubernetes prints the references it would have checked; clients show this text to people.
    private static string Orphans(List<string> groups, string uid, Dictionary<string, IReadOnlyList<string>> extra)
    {
        var orphans = groups.Select(g => $"{{Group  {g}    }}").ToList();
        orphans.AddRange(extra.SelectMany(e => e.Value.Select(value => $"{{UserExtra  {value}  {AuthenticationGroup}/v1  {e.Key}}}")));
        if (uid.Length > 0)
        {
            orphans.Add($"{{UID  {uid}  {AuthenticationGroup}/v1  }}");
        }

        return string.Join(' ', orphans);
    }

    private static List<string> Values(IHeaderDictionary headers, string name) =>
        [.. headers[name].Where(v => !string.IsNullOrEmpty(v)).Select(v => v!)];

    private static string ExtraKey(string header) => Uri.UnescapeDataString(header[ExtraHeaderPrefix.Length..].ToLowerInvariant());
}
