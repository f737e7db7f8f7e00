using System.Text;

namespace Sealos.ApiServer.Proxy;

/// <summary>An attribute of a tag: its name, and where its value stands in the tag, without the quotes.</summary>
internal readonly record struct HtmlAttribute(string Name, int Start, int End)
{
    /// <summary>Reads the next attribute from <paramref name="at"/> on, which moves behind it; false at the end of the tag.</summary>
    public static bool TryRead(ReadOnlySpan<byte> tag, ref int at, out HtmlAttribute attribute)
    {
        at = Skip(tag, at, static c => IsSpace(c) || c == '/');
        var name = at;
        at = Skip(tag, at, static c => !IsSpace(c) && c is not ((byte)'=' or (byte)'>' or (byte)'/'));
        if (at == name && (at >= tag.Length || tag[at] == '>'))
        {
            attribute = default;
            return false;
        }

        var named = Encoding.UTF8.GetString(tag[name..at]);
        var equals = Skip(tag, at, IsSpace);
        if (equals >= tag.Length || tag[equals] != '=')
        {
            attribute = new HtmlAttribute(named, at, at);
            return true;
        }

        var start = Skip(tag, equals + 1, IsSpace);
        if (start < tag.Length && tag[start] is (byte)'"' or (byte)'\'')
        {
            var quote = tag[start++];
            var length = tag[start..].IndexOf(quote);
            var end = length < 0 ? tag.Length : start + length;
            at = Math.Min(end + 1, tag.Length);
            attribute = new HtmlAttribute(named, start, end);
            return true;
        }

        at = Skip(tag, start, static c => !IsSpace(c) && c != '>');
        attribute = new HtmlAttribute(named, start, at);
        return true;
    }

    private static bool IsSpace(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f';

    private static int Skip(ReadOnlySpan<byte> text, int at, Func<byte, bool> isSkipped)
    {
        while (at < text.Length && isSkipped(text[at]))
        {
            at++;
        }

        return at;
    }
}
