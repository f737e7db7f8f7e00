using System.Text.RegularExpressions;

namespace Sealos.OsServices.Users;

/// <summary>What a user may be called: the name becomes part of a namespace's.</summary>
public static partial class UserNames
{
    /// <summary>Lower-case letters, digits and hyphens, a letter first, at most 50 characters.</summary>
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,48}[a-z0-9])?\\z")]
    private static partial Regex Pattern();
}
