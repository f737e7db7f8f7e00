using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces.Tokens;

/// <summary>What a personal token consists of, as pure values: a Secret that it ends with and that says what it is, an account, and a binding a workspace.</summary>
internal static class TokenObjects
{
    public const string SecretType = UsersObjects.PersonalTokenType;

    /// <summary>Marks the account and the bindings of personal tokens.</summary>
    public const string Label = "user.sealos.io/personal-token";

    private const string Name = "user.sealos.io/token-name";
    private const string Role = "user.sealos.io/token-role";
    private const string Workspaces = "user.sealos.io/token-workspaces";
    private const string Expires = "user.sealos.io/expires";

    public static Secret Secret(string id, string owner, TokenView view) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = id,
            Namespace = UserDirectory.AccountsNamespace,
            Labels = Labels(id, owner),
            Annotations = new Dictionary<string, string>
            {
                [Name] = view.Name,
                [Role] = view.Role,
                [Workspaces] = string.Join(',', view.Workspaces),
                [Expires] = view.Expires!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
        },
        Type = SecretType,
    };

    public static ServiceAccount Account(string id, string owner) => new()
    {
        Metadata = new ObjectMeta { Name = id, Namespace = UserDirectory.AccountsNamespace, Labels = Labels(id, owner) },
        AutomountServiceAccountToken = false,
    };

    public static string BindingName(string id) => "rb-" + id;

    public static RoleBinding Binding(string id, string owner, string ns, string role) => new()
    {
        Metadata = new ObjectMeta { Name = BindingName(id), Namespace = ns, Labels = Labels(id, owner) },
        RoleRef = new RoleRef { ApiGroup = Kinds.Rbac.Role.KubeKind.Group, Kind = "Role", Name = role },
        Subjects = [new Subject { Kind = "ServiceAccount", Name = id, Namespace = UserDirectory.AccountsNamespace }],
    };

    /// <summary>What a Secret says of its token.</summary>
    public static TokenView View(Secret secret)
    {
        var says = secret.Metadata.Annotations ?? [];
        return new TokenView(
            secret.Metadata.Name!,
            says.GetValueOrDefault(Name) ?? "",
            says.GetValueOrDefault(Role) ?? "",
            (says.GetValueOrDefault(Workspaces) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            secret.Metadata.CreationTimestamp,
            DateTimeOffset.TryParse(says.GetValueOrDefault(Expires), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MinValue);
    }

    public static string? OwnerOf(ObjectMeta metadata) => metadata.Labels?.GetValueOrDefault(UserKeys.Owner);

    private static Dictionary<string, string> Labels(string id, string owner) => new() { [UserKeys.Owner] = owner, [Label] = id };
}
