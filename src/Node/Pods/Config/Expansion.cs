using System.Text;

namespace Sealos.Node.Pods.Config;

/// <summary>Kubernetes' <c>$(NAME)</c> syntax: <c>$$</c> is a dollar sign, an unknown name stays as written.</summary>
internal static class Expansion
{
    /// <summary>Replaces every known name in <paramref name="text"/>.</summary>
    public static string Expand(string text, Func<string, string?> lookup)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            i += Append(result, text, i + 1, lookup);
        }

        return result.ToString();
    }

    // Handles what follows a dollar sign and returns how many characters that was.
    private static int Append(StringBuilder result, string text, int start, Func<string, string?> lookup)
    {
        if (text[start] == '$')
        {
            result.Append('$');
            return 1;
        }

        var end = text[start] == '(' ? text.IndexOf(')', start) : -1;
        if (end < 0)
        {
            result.Append('$').Append(text[start]);
            return 1;
        }

        var name = text[(start + 1)..end];
        result.Append(lookup(name) ?? $"$({name})");
        return end - start + 1;
    }
}
