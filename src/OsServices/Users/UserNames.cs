using System.Text.RegularExpressions;

namespace Sealos.OsServices.Users;

/// <summary>What a user may be called: the name becomes part of a namespace's.</summary>
public static partial class UserNames
{
    // Service accounts of other things in the users' namespace.
    private const string Default = "default";
    private const string TokenPrefix = "token-";

    /// <summary>Lower-case letters, digits and hyphens, a letter first, at most 50 characters.</summary>
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    /// <summary>Whether the name means something else already: nobody may be called so.</summary>
    public static bool IsReserved(string name) => name == Default || name.StartsWith(TokenPrefix, StringComparison.Ordinal);

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,48}[a-z0-9])?\\z")]
    private static partial Regex Pattern();
}
