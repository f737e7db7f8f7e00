using System.Globalization;
using System.Text;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.SignUp;

/// <summary>What strangers may call themselves. Pure.</summary>
internal static class SignUpRules
{
    private const int LongestDisplayName = 60;
    private const int LongestSuggestion = 30;

    // What would speak in the cloud's name, or is that of something else in the users' namespace.
    private static readonly string[] Reserved =
    [
        "admin", "administrator", "root", "operator", "owner", "system", "sealos", "support", "security", "official", "staff", "moderator", "help", "info", "billing",
        "postmaster", "webmaster", "hostmaster", "abuse", "noreply", "kubernetes", "kubelet", "anonymous", "nobody", "everybody", "me", "you", "null", "undefined", "api", "www", "console", "public",
    ];

    private static readonly string[] ReservedPrefixes = ["token-", "session-", "identity-", "rb-", "sealos-", "kube-", "system-", "admin-"];

    private static readonly Dictionary<char, char> Alike = ReadAlike();

    // By what they look like, so that adm1n and ad-min are admin.
    private static readonly HashSet<string> ReservedLooks = [.. Reserved.Select(LookOf)];

    /// <summary>A name to sign in with, as typed.</summary>
    public static string NameOf(string? text)
    {
        var name = text?.Trim() ?? "";
        if (!UserNames.IsValid(name))
        {
            throw ServiceException.Invalid("name", "A name has 1 to 50 lower-case letters, digits and hyphens, a letter first and no hyphen last.");
        }

        return IsReserved(name) ? throw ServiceException.Invalid("name", "This name is not for people; choose another.") : name;
    }

    /// <summary>What others read, as typed; null says the name itself.</summary>
    public static string? DisplayNameOf(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var name = text.Trim();
        if (name.Length > LongestDisplayName || name.Any(c => "<>&\"`$|;\\{}".Contains(c, StringComparison.Ordinal)) || name.EnumerateRunes().Any(IsUnreadable))
        {
            throw ServiceException.Invalid("displayName", $"The name that others read has at most {LongestDisplayName} characters, none of them < > & \" ` $ | ; \\ {{ }} or one that cannot be seen.");
        }

        return ReservedLooks.Contains(LookOf(Latin(name))) ? throw ServiceException.Invalid("displayName", "This name would speak for the cloud; choose another.") : name;
    }

    /// <summary>A name that somebody could take who is called so elsewhere; empty where there is none.</summary>
    public static string Suggest(string? text)
    {
        var letters = new StringBuilder();
        foreach (var c in Latin((text ?? "").Split('@')[0]))
        {
            if (char.IsAsciiLetter(c) || (char.IsAsciiDigit(c) && letters.Length > 0))
            {
                letters.Append(c);
            }
            else if (c is ' ' or '-' or '_' or '.' && letters.Length > 0 && letters[^1] != '-')
            {
                letters.Append('-');
            }
        }

        var name = letters.ToString(0, Math.Min(letters.Length, LongestSuggestion)).Trim('-');
        return UserNames.IsValid(name) && !IsReserved(name) ? name : "";
    }

    private static bool IsReserved(string name) =>
        UserNames.IsReserved(name) || Array.Exists(ReservedPrefixes, p => name.StartsWith(p, StringComparison.Ordinal)) || ReservedLooks.Contains(LookOf(name));

    // Letters and digits that are taken for each other are one.
    private static string LookOf(string name)
    {
        var look = new StringBuilder();
        foreach (var c in name.ToLowerInvariant().Where(char.IsLetterOrDigit))
        {
            look.Append(c switch { '0' => 'o', '1' or 'i' or 'j' => 'l', '3' => 'e', '4' => 'a', '5' => 's', '7' => 't', '8' => 'b', _ => c });
        }

        return look.Replace("rn", "m").Replace("vv", "w").ToString();
    }

    // Letters of other scripts that look like Latin ones, and Latin ones with signs on them; no library of scripts is at hand.
    private static string Latin(string name) => new([.. name.ToLowerInvariant().Select(c => c is >= 'ａ' and <= 'ｚ' ? (char)(c - 'ａ' + 'a') : Alike.GetValueOrDefault(c, c))]);

    private static Dictionary<char, char> ReadAlike()
    {
        const string groups = "aàáâãäåāăąаαɑ bвβƀ cçćĉċčсϲ dďđԁ eèéêëēĕėęěеεє gĝğġģɡ hĥħнһ iìíîïĩīĭįıіιї jĵј kķкκ lĺļľŀłӏ mмμ nñńņňη oòóôõöøōŏőоοσ pрρ qԛ rŕŗřг sśŝşšѕș tţťŧтτț uùúûüũūŭůűųυ vν wŵԝω xхχ yýÿŷуγ zźżžζ";
        return groups.Split(' ').SelectMany(g => g[1..].Select(c => (Key: c, Value: g[0]))).ToDictionary(p => p.Key, p => p.Value);
    }

    private static bool IsUnreadable(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
}
