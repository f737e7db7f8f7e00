using System.Globalization;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// What a password must be: long, not the user's name, and not one of those that every list of stolen passwords begins with. These are
/// known as the words and walks they are made of (<c>CommonPasswords.txt</c>) and the ways people dress them up, so a few
/// hundred lines stand for some hundred thousand passwords.
/// </summary>
internal static class PasswordRules
{
    public const int LeastLength = 10;
    public const int LongestText = 256;

    private const int FewestDifferent = 5;
    private const int FewestLetters = 3;
    private const int LongWithoutLetters = 14;
    private static readonly Lazy<HashSet<string>> Common = new(ReadCommon);

    /// <summary>What people are told, whatever the reason: it names all there is to do.</summary>
    public static string Advice { get; } = string.Create(
        CultureInfo.InvariantCulture, $"Choose a password of {LeastLength} to {LongestText} characters that is not made of your name, and not one that many people use.");

    public static bool IsGood(string user, string password)
    {
        var core = Undress(password);
        return new StringInfo(password).LengthInTextElements >= LeastLength && password.Length <= LongestText && !password.Any(char.IsControl)
            && password.Distinct().Count() >= FewestDifferent
            && !IsNamed(core, password.ToLowerInvariant(), user)
            && (core.Length < FewestLetters ? password.Length >= LongWithoutLetters : !IsCommon(core)) && !IsCommon(password.ToLowerInvariant()) && !IsCommon(Letters(password)) && !IsWalk(password.ToLowerInvariant());
    }

    private static bool IsNamed(string core, string plain, string user) => plain == user || core == Undress(user) || (user.Length >= 4 && (plain.Replace(user, "", StringComparison.Ordinal).Length < LeastLength / 2));

    private static string Letters(string password) => new([.. password.ToLowerInvariant().Where(char.IsLetter)]);

    // A common word, or two of them, or one said twice.
    private static bool IsCommon(string core)
    {
        if (Common.Value.Contains(core))
        {
            return true;
        }

        for (var i = FewestLetters; i <= core.Length - FewestLetters; i++)
        {
            if (Common.Value.Contains(core[..i]) && Common.Value.Contains(core[i..]))
            {
                return true;
            }
        }

        return false;
    }

    // 1234567890, qwertzuiop, abcabcabcabc, 9876543210: every next character follows from the last few.
    private static bool IsWalk(string text)
    {
        string[] rows = ["01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()"];
        var steps = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var pair = text.AsSpan(i - 1, 2).ToString();
            var back = new string([pair[1], pair[0]]);
            if (pair[0] == pair[1] || rows.Any(r => r.Contains(pair, StringComparison.Ordinal) || r.Contains(back, StringComparison.Ordinal)))
            {
                steps++;
            }
        }

        var period = Enumerable.Range(1, text.Length / 2).Any(p => Enumerable.Range(p, text.Length - p).All(i => text[i] == text[i - p]));
        return period || steps >= text.Length - 3;
    }

    // "P@ssw0rd2024!" is "password": signs that stand for letters are read as such, and what is put around the word is taken away.
    private static string Undress(string password)
    {
        var trimmed = password.ToLowerInvariant().Trim("0123456789!?.,;:-_+*#$%&@=~^/\\ ".ToCharArray());
        return new string([.. trimmed.Select(c => c switch
        {
            '0' => 'o',
            '1' or '!' or '|' => 'i',
            '3' => 'e',
            '4' or '@' => 'a',
            '5' or '$' => 's',
            '7' or '+' => 't',
            '8' => 'b',
            _ => c,
        }).Where(char.IsLetter)]);
    }

    private static HashSet<string> ReadCommon()
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("CommonPasswords.txt")!);
        return [.. reader.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
    }
}
