using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sealos.Objects.CustomKinds;

/// <summary>
/// A regular expression in Go's syntax. It runs in linear time on any text; what Go refuses (look-around, back references,
/// large repeats) is refused here too. Built when first used: most patterns of a large definition never are.
/// </summary>
internal sealed class GoRegex(string pattern)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lazy<Regex> _regex = new(() => new Regex(GoRegexSyntax.Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Patience));

    public string Pattern => pattern;

    /// <summary>Whether the text has a match somewhere.</summary>
    public bool IsMatch(string text)
    {
        try
        {
            return _regex.Value.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>What is wrong with the pattern, or null.</summary>
    public static string? Check(string pattern)
    {
        try
        {
            _ = new Regex(GoRegexSyntax.Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Patience);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"error parsing regexp: {e.Message}";
        }
    }
}

/// <summary>Rewrites Go's syntax into .NET's where they differ: classes of ASCII, the end of the text, named groups.</summary>
internal static class GoRegexSyntax
{
    private const int MaxRepeat = 1000;
    private const int MaxLength = 16 * 1024;

    private static readonly Dictionary<string, string> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z", ["alpha"] = "A-Za-z", ["ascii"] = "\\x00-\\x7F", ["blank"] = "\\t ", ["cntrl"] = "\\x00-\\x1F\\x7F",
        ["digit"] = "0-9", ["graph"] = "!-~", ["lower"] = "a-z", ["print"] = " -~", ["punct"] = "!-/:-@\\[-`{-~",
        ["space"] = "\\t\\n\\v\\f\\r ", ["upper"] = "A-Z", ["word"] = "0-9A-Za-z_", ["xdigit"] = "0-9A-Fa-f",
    };

    /// <exception cref="ArgumentException">The pattern is not one of Go's.</exception>
    public static string Translate(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            throw new ArgumentException("expression too large");
        }

        CheckRepeats(pattern);
        var result = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                i += Escape(pattern, i, inClass, result);
            }
            else if (inClass)
            {
                i += ClassCharacter(pattern, i, result, ref inClass);
            }
            else if (c == '[')
            {
                inClass = true;
                result.Append(c);
                i += ClassStart(pattern, i, result);
            }
            else if (c == '(' && pattern.AsSpan(i).StartsWith("(?P<", StringComparison.Ordinal))
            {
                result.Append("(?<");
                i += 3;
            }
            else
            {
                result.Append(c == '$' ? "\\z" : c.ToString());
            }
        }

        return result.ToString();
    }

    // A closing bracket that stands first is itself a member of the class.
    private static int ClassStart(string pattern, int at, StringBuilder result)
    {
        var length = 0;
        if (at + 1 < pattern.Length && pattern[at + 1] == '^')
        {
            result.Append('^');
            length++;
        }

        if (at + length + 1 < pattern.Length && pattern[at + length + 1] == ']')
        {
            result.Append("\\]");
            length++;
        }

        return length;
    }

    private static int ClassCharacter(string pattern, int at, StringBuilder result, ref bool inClass)
    {
        var c = pattern[at];
        if (c == '[' && pattern.AsSpan(at).StartsWith("[:", StringComparison.Ordinal) && pattern.IndexOf(":]", at, StringComparison.Ordinal) is > 0 and var end)
        {
            var name = pattern[(at + 2)..end];
            result.Append(PosixClasses.TryGetValue(name, out var members) ? members : throw new ArgumentException($"invalid character class range: `[:{name}:]`"));
            return end + 1 - at;
        }

        inClass = c != ']';
        result.Append(c == '[' ? "\\[" : c.ToString());
        return 0;
    }

    private static int Escape(string pattern, int at, bool inClass, StringBuilder result)
    {
        var c = pattern[at + 1];
        var members = c switch { 'd' or 'D' => "0-9", 'w' or 'W' => "0-9A-Za-z_", 's' or 'S' => "\\t\\n\\f\\r ", _ => null };
        if (members is not null && (char.IsLower(c) || !inClass))
        {
            result.Append(inClass ? members : $"[{(char.IsUpper(c) ? "^" : "")}{members}]");
            return 1;
        }

        if (c is >= '1' and <= '9' or 'Z' or 'G' or 'k')
        {
            throw new ArgumentException($"invalid escape sequence: `\\{c}`");
        }

        if (c is 'p' or 'P' && at + 2 < pattern.Length && pattern[at + 2] != '{')
        {
            result.Append('\\').Append(c).Append('{').Append(pattern[at + 2]).Append('}');
            return 2;
        }

        if (c == 'Q')
        {
            var end = pattern.IndexOf("\\E", at + 2, StringComparison.Ordinal);
            var text = end < 0 ? pattern[(at + 2)..] : pattern[(at + 2)..end];
            result.Append(Regex.Escape(text));
            return text.Length + (end < 0 ? 1 : 3);
        }

        result.Append('\\').Append(c);
        return 1;
    }

    /// <summary>Go multiplies the repeats inside each other and takes a thousand at most, which also bounds the automaton.</summary>
    private static void CheckRepeats(string pattern)
    {
        var groups = new Stack<long>();
        long inner = 1, last = 1;
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    last = 1;
                    break;
                case '[' when !inClass:
                    inClass = true;
                    break;
                case ']' when inClass:
                    inClass = false;
                    last = 1;
                    break;
                case '(' when !inClass:
                    groups.Push(inner);
                    inner = 1;
                    break;
                case ')' when !inClass && groups.Count > 0:
                    last = inner;
                    inner = Math.Max(groups.Pop(), last);
                    break;
                case '{' when !inClass && Repeat(pattern, i) is { } count:
                    last *= Math.Max(1, count);
                    if (count > MaxRepeat || last > MaxRepeat)
                    {
                        throw new ArgumentException($"invalid repeat count: `{pattern[i..(pattern.IndexOf('}', i) + 1)]}`");
                    }

                    inner = Math.Max(inner, last);
                    break;
                default:
                    last = pattern[i] is '*' or '+' or '?' or '}' ? last : 1;
                    break;
            }
        }
    }

    private static long? Repeat(string pattern, int at)
    {
        var end = pattern.IndexOf('}', at);
        if (end < 0)
        {
            return null;
        }

        long? most = null;
        foreach (var part in pattern[(at + 1)..end].Split(','))
        {
            if (part.Length > 0)
            {
                if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return null;
                }

                most = Math.Max(most ?? 0, number);
            }
        }

        return most;
    }
}
