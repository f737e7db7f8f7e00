using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Sealos.ApiServer.Proxy;

/// <summary>
/// Rewrites the links of an HTML page as it streams by, so that a page behind the proxy finds its own pages, scripts and
/// images: links that start at the root of its host get the proxy's path before them. Everything else passes byte for byte.
/// </summary>
/// <param name="prefix">The path the proxy serves the page under, without a slash at its end.</param>
/// <param name="hosts">Hosts (with ports) whose full addresses are the page's own.</param>
internal sealed class HtmlLinks(string prefix, params string[] hosts)
{
    // A tag longer than this is not rewritten; it bounds what is held back of a page that never closes one.
    private const int MaxTag = 64 * 1024;

    private static readonly FrozenDictionary<string, string[]> LinkAttributes = new Dictionary<string, string[]>
    {
        ["a"] = ["href"], ["applet"] = ["codebase"], ["area"] = ["href"], ["audio"] = ["src"], ["base"] = ["href"], ["blockquote"] = ["cite"],
        ["body"] = ["background"], ["button"] = ["formaction"], ["command"] = ["icon"], ["del"] = ["cite"], ["embed"] = ["src"],
        ["form"] = ["action"], ["frame"] = ["longdesc", "src"], ["head"] = ["profile"], ["html"] = ["manifest"], ["iframe"] = ["longdesc", "src"],
        ["img"] = ["longdesc", "src", "usemap"], ["input"] = ["src", "usemap", "formaction"], ["ins"] = ["cite"], ["link"] = ["href"],
        ["object"] = ["classid", "codebase", "data", "usemap"], ["q"] = ["cite"], ["script"] = ["src"], ["source"] = ["src"], ["video"] = ["poster", "src"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Their content is text, whatever looks like a tag in it.
    private static readonly string[] RawText = ["script", "style", "textarea", "title"];

    private byte[] _held = [];
    private string? _inside;

    /// <summary>Takes the next bytes of the page and writes what is decided. With <paramref name="isLast"/>, writes the rest too.</summary>
    public void Write(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output, bool isLast)
    {
        byte[] joined = [.. _held, .. chunk];
        var rest = joined.AsSpan();
        while (rest.Length > 0)
        {
            var tag = rest.IndexOf((byte)'<');
            if (tag < 0)
            {
                output.Write(rest);
                rest = [];
                break;
            }

            output.Write(rest[..tag]);
            rest = rest[tag..];
            var length = TokenLength(rest);
            if (length < 0)
            {
                if (!isLast && rest.Length < MaxTag)
                {
                    break;
                }

                output.Write(rest);
                rest = [];
                break;
            }

            WriteToken(rest[..length], output);
            rest = rest[length..];
        }

        _held = rest.ToArray();
    }

    // How far the token at the start reaches: a tag, a comment, or one character that only looks like the start of one; -1 when its end is not seen yet.
    private int TokenLength(ReadOnlySpan<byte> text)
    {
        if (_inside is not null)
        {
            var needed = _inside.Length + 3;
            return text.Length < needed ? -1 : IsEndOf(text, _inside) ? EndOfTag(text) : 1;
        }

        if ("<!--"u8.StartsWith(text[..Math.Min(4, text.Length)]))
        {
            var end = text.Length < 4 ? -1 : text[4..].IndexOf("-->"u8);
            return end < 0 ? -1 : end + 7;
        }

        return text.Length < 2 ? -1 : char.IsAsciiLetter((char)text[1]) || text[1] is (byte)'/' or (byte)'!' ? EndOfTag(text) : 1;
    }

    private static bool IsEndOf(ReadOnlySpan<byte> text, string name) =>
        text[1] == '/' && Ascii.EqualsIgnoreCase(text.Slice(2, name.Length), name) && !char.IsAsciiLetterOrDigit((char)text[name.Length + 2]);

    private static int EndOfTag(ReadOnlySpan<byte> text)
    {
        byte quote = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != 0)
            {
                quote = c == quote ? (byte)0 : quote;
            }
            else if (c == '>')
            {
                return i + 1;
            }
            else if (c is (byte)'"' or (byte)'\'' && LastVisible(text[..i]) == '=')
            {
                quote = c;
            }
        }

        return -1;
    }

    private static byte LastVisible(ReadOnlySpan<byte> text)
    {
        var trimmed = text.TrimEnd(" \t\r\n\f"u8);
        return trimmed.Length == 0 ? (byte)0 : trimmed[^1];
    }

    private void WriteToken(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        if (_inside is not null)
        {
            _inside = token.Length > 1 ? null : _inside;
            output.Write(token);
            return;
        }

        var name = TagName(token);
        if (name.Length == 0)
        {
            output.Write(token);
            return;
        }

        _inside = Array.Find(RawText, raw => raw.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (LinkAttributes.TryGetValue(name, out var links))
        {
            WriteLinks(token, name.Length + 1, links, output);
        }
        else
        {
            output.Write(token);
        }
    }

    private static string TagName(ReadOnlySpan<byte> token)
    {
        var end = 1;
        while (end < token.Length && char.IsAsciiLetterOrDigit((char)token[end]))
        {
            end++;
        }

        return Encoding.ASCII.GetString(token[1..end]);
    }

    private void WriteLinks(ReadOnlySpan<byte> tag, int at, string[] links, IBufferWriter<byte> output)
    {
        var written = 0;
        while (HtmlAttribute.TryRead(tag, ref at, out var attribute))
        {
            if (Array.Exists(links, link => attribute.Name.Equals(link, StringComparison.OrdinalIgnoreCase)) && Rewrite(tag[attribute.Start..attribute.End]) is { } link)
            {
                output.Write(tag[written..attribute.Start]);
                output.Write(Encoding.UTF8.GetBytes(link));
                written = attribute.End;
            }
        }

        output.Write(tag[written..]);
    }

    private string? Rewrite(ReadOnlySpan<byte> value)
    {
        var link = Encoding.UTF8.GetString(value.Trim(" \t\r\n\f"u8));
        var own = Array.Find(hosts, host => IsAt(link, host));
        var path = own is null ? link : link[(link.IndexOf("//", StringComparison.Ordinal) + 2 + own.Length)..];
        var starts = path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal);
        return starts && path != prefix && !path.StartsWith(prefix + "/", StringComparison.Ordinal) ? prefix + path : null;
    }

    private static bool IsAt(string link, string host)
    {
        var rest = link.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? link[7..]
            : link.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? link[8..]
            : link.StartsWith("//", StringComparison.Ordinal) ? link[2..]
            : "";
        return rest.StartsWith(host + "/", StringComparison.OrdinalIgnoreCase);
    }
}
