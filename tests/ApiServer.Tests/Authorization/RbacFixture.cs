using System.Text;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;

namespace Sealos.ApiServer.Tests.Authorization;

/// <summary>Roles and bindings in a shorthand, and who decides by them.</summary>
internal sealed class RbacFixture
{
    public RbacFixture() => Authorizer = new RbacAuthorizer(Index);

    public RbacIndex Index { get; } = new();

    public RbacAuthorizer Authorizer { get; }

    public static UserInfo Alice { get; } = new("alice", null, ["devs", "system:authenticated"], UserInfo.NoExtra);

    public static UserInfo User(string name, params string[] groups) => new(name, null, groups, UserInfo.NoExtra);

    public static UserInfo Robot(string @namespace, string name) => ServiceAccountUser.Create(@namespace, name, null, UserInfo.NoExtra);

    public static byte[] Role(string? @namespace, string name, string rules, string labels = "", string? more = null) => Encoding.UTF8.GetBytes(
        $$"""{"metadata":{"name":"{{name}}"{{In(@namespace)}},"labels":{ {{labels}} } },{{more}}"rules":[{{rules}}]}""");

    public static byte[] Binding(string? @namespace, string name, string roleKind, string role, string subjects) => Encoding.UTF8.GetBytes(
        $$"""{"metadata":{"name":"{{name}}"{{In(@namespace)}} },"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"{{roleKind}}","name":"{{role}}"},"subjects":[{{subjects}}]}""");

    public static string Rule(string verbs, string groups, string resources, string? names = null) =>
        $$"""{"verbs":{{List(verbs)}},"apiGroups":{{List(groups)}},"resources":{{List(resources)}},"resourceNames":{{(names is null ? "null" : List(names))}} }""";

    public static string Urls(string verbs, string urls) => $$"""{"verbs":{{List(verbs)}},"nonResourceURLs":{{List(urls)}} }""";

    public static string Subject(string kind, string name, string? @namespace = null) => $$"""{"kind":"{{kind}}","name":"{{name}}"{{In(@namespace)}} }""";

    public RbacFixture With(RbacKind kind, byte[] json)
    {
        Index.Set(kind, json);
        return this;
    }

    /// <summary>Gives alice a cluster role of these rules.</summary>
    public RbacFixture Granting(string rules) => With(RbacKind.ClusterRole, Role(null, "r", rules))
        .With(RbacKind.ClusterRoleBinding, Binding(null, "b", "ClusterRole", "r", Subject("User", "alice")));

    public AuthorizationDecision Ask(UserInfo user, string verb, string resource, string? @namespace = null, string? name = null)
    {
        var parts = resource.Split('/', 2);
        var dot = parts[0].IndexOf('.', StringComparison.Ordinal);
        return Authorizer.Authorize(new AuthorizationAttributes(user, verb)
        {
            Group = dot < 0 ? "" : parts[0][(dot + 1)..],
            Resource = dot < 0 ? parts[0] : parts[0][..dot],
            Subresource = parts.Length > 1 ? parts[1] : null,
            Namespace = @namespace,
            Name = name,
        });
    }

    public bool May(UserInfo user, string verb, string resource, string? @namespace = null, string? name = null) =>
        Ask(user, verb, resource, @namespace, name).IsAllowed;

    public bool MayGet(UserInfo user, string path) => Authorizer.Authorize(new AuthorizationAttributes(user, "get") { Path = path }).IsAllowed;

    private static string In(string? @namespace) => @namespace is null ? "" : $",\"namespace\":\"{@namespace}\"";

    private static string List(string commaSeparated) => $"[{string.Join(',', commaSeparated.Split(',').Select(i => $"\"{i}\""))}]";
}
