using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Sealos.Network.Gateway.Routing;

/// <summary>How a path of an ingress is compared.</summary>
internal enum PathKind
{
    Exact,
    Prefix,
    Regex,
}

/// <summary>One path of an ingress; longest text first decides among several.</summary>
internal sealed class PathRule
{
    private const int MaxPattern = 256;
    private const int MaxRepeat = 16;
    private const int MaxRepeats = 2;
    private const int MaxShared = 1_024;
    private const string Metacharacters = "()[]{}*+?|^$\\";

    // Thousands of apps share a handful of patterns; a compiled one is some kilobytes.
    private static readonly ConcurrentDictionary<string, Regex> Shared = new(StringComparer.Ordinal);

    private readonly string _prefix;
    private readonly Regex? _regex;

    private PathRule(PathKind kind, string text, Regex? regex)
    {
        Kind = kind;
        Text = text;
        _regex = regex;
        _prefix = text.TrimEnd('/');
    }

    public PathKind Kind { get; }

    public string Text { get; }

    /// <summary>Builds the rule of a path; a pattern that could run long, or is none, is refused with <see cref="FormatException"/>.</summary>
    public static PathRule Create(string? path, string? type, bool allowRegex)
    {
        var text = string.IsNullOrEmpty(path) ? "/" : path;
        if (text[0] != '/')
        {
            throw new FormatException($"path '{text}' must begin with /");
        }

        if (type != "Exact" && allowRegex && text.AsSpan().IndexOfAny(Metacharacters) >= 0)
        {
            return new PathRule(PathKind.Regex, text, Compile(text));
        }

        return type switch
        {
            "Exact" => new PathRule(PathKind.Exact, text, null),
            null or "Prefix" or "ImplementationSpecific" => new PathRule(PathKind.Prefix, text, null),
            _ => throw new FormatException($"pathType '{type}' must be Exact, Prefix or ImplementationSpecific"),
        };
    }

    public bool Matches(string path) => Kind switch
    {
        PathKind.Exact => path == Text,
        PathKind.Prefix => path.StartsWith(_prefix, StringComparison.Ordinal) && (path.Length == _prefix.Length || path[_prefix.Length] == '/'),
        _ => Match(path) is not null,
    };

    /// <summary>The groups of a pattern in a path, or null where it does not match.</summary>
    public Match? Match(string path)
    {
        try
        {
            return _regex?.Match(path) is { Success: true } match ? match : null;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    // The engine without backtracking takes linear time whatever the pattern; what is left to bound is the pattern's own size.
    private static Regex Compile(string pattern)
    {
        if (pattern.Length > MaxPattern)
        {
            throw new FormatException($"the pattern of a path may have at most {MaxPattern} characters");
        }

        if (Shared.TryGetValue(pattern, out var known))
        {
            return known;
        }

        CheckRepeats(pattern);
        try
        {
            const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
            var regex = new Regex($"^(?:{pattern})", Options, TimeSpan.FromMilliseconds(100));
            if (Shared.Count < MaxShared)
            {
                Shared.TryAdd(pattern, regex);
            }

            return regex;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"path '{pattern}' is no pattern that can be matched in linear time", e);
        }
    }

    private static void CheckRepeats(string pattern)
    {
        var repeats = 0;
        for (var open = pattern.IndexOf('{', StringComparison.Ordinal); open >= 0; open = pattern.IndexOf('{', open + 1))
        {
            var close = pattern.IndexOf('}', open);
            var bounds = close < 0 ? [] : pattern[(open + 1)..close].Split(',');
            if (++repeats > MaxRepeats || bounds.Any(b => b.Length > 0 && (!int.TryParse(b, out var n) || n > MaxRepeat)))
            {
                throw new FormatException($"path '{pattern}' may repeat at most {MaxRepeats} times with {{n}}, each up to {MaxRepeat}");
            }
        }
    }
}
