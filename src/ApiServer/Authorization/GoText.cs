using System.Globalization;
using System.Text;

namespace Sealos.ApiServer.Authorization;

/// <summary>Texts that Kubernetes' messages print the way Go's <c>%q</c> does, and clients compare.</summary>
internal static class GoText
{
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"':
                    quoted.Append("\\\"");
                    break;
                case '\\':
                    quoted.Append("\\\\");
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\r':
                    quoted.Append("\\r");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                case < 0x20 or 0x7f:
                    quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                    break;
                default:
                    quoted.Append(rune.ToString());
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary><c>["a" "b"]</c></summary>
    public static string Quote(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(Quote))}]";
}
