namespace Sealos.ApiServer.Authentication;

/// <summary>The names that a service account has as a user.</summary>
internal static class ServiceAccountUser
{
    private const string Prefix = "system:serviceaccount:";
    private const string AllGroup = "system:serviceaccounts";

    public static string NameOf(string @namespace, string name) => $"{Prefix}{@namespace}:{name}";

    public static IReadOnlyList<string> GroupsOf(string @namespace) => [AllGroup, $"{AllGroup}:{@namespace}"];

    public static UserInfo Create(string @namespace, string name, string? uid, IReadOnlyDictionary<string, IReadOnlyList<string>> extra) =>
        new(NameOf(@namespace, name), uid, GroupsOf(@namespace), extra);

    /// <summary>False when the user is not a service account.</summary>
    public static bool TryParse(string user, out string @namespace, out string name)
    {
        var parts = user.StartsWith(Prefix, StringComparison.Ordinal) ? user[Prefix.Length..].Split(':') : [];
        var isServiceAccount = parts is [{ Length: > 0 }, { Length: > 0 }];
        (@namespace, name) = isServiceAccount ? (parts[0], parts[1]) : ("", "");
        return isServiceAccount;
    }
}
