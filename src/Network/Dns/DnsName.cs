using System.Text;

namespace Sealos.Network.Dns;

/// <summary>Domain names on the wire: labels with a length in front of each, or a pointer to a name seen before.</summary>
internal static class DnsName
{
    public const int LongestLabel = 63;
    public const int LongestName = 255;

    private const int PointerBits = 0xC0;
    private const int MostPointers = 32;

    /// <summary>
    /// Reads a name in lower case, following pointers, and moves <paramref name="offset"/> behind it. False when it is malformed.
    /// Bytes that have no place in a host's name come out as <c>\ddd</c>, so that no two names look the same.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, out string name, bool withPointers = true)
    {
        name = "";
        var text = new StringBuilder();
        var at = offset;
        var end = -1;
        var length = 1;
        var pointers = 0;
        while (at < message.Length)
        {
            int size = message[at];
            if (size == 0)
            {
                offset = end >= 0 ? end : at + 1;
                name = text.ToString();
                return true;
            }

            if ((size & PointerBits) == PointerBits)
            {
                // Only backwards and only so many: neither a loop nor a maze can be built from them.
                var target = at + 1 < message.Length ? ((size & 0x3F) << 8) | message[at + 1] : int.MaxValue;
                if (!withPointers || target >= at || ++pointers > MostPointers)
                {
                    return false;
                }

                end = end >= 0 ? end : at + 2;
                at = target;
                continue;
            }

            length += size + 1;
            if (size > LongestLabel || length > LongestName || at + 1 + size > message.Length)
            {
                return false;
            }

            Append(text, message.Slice(at + 1, size));
            at += size + 1;
        }

        return false;
    }

    /// <summary>Moves <paramref name="offset"/> behind a name without reading it.</summary>
    public static bool TrySkip(ReadOnlySpan<byte> message, ref int offset)
    {
        while (offset < message.Length)
        {
            int size = message[offset];
            if ((size & PointerBits) == PointerBits)
            {
                offset += 2;
                return offset <= message.Length;
            }

            if (size > LongestLabel)
            {
                return false;
            }

            offset += size + 1;
            if (size == 0)
            {
                return offset <= message.Length;
            }
        }

        return false;
    }

    /// <summary>Whether a name of the cluster's own making fits the wire.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and < LongestName - 1 && name.Split('.').All(l => l.Length is > 0 and <= LongestLabel && l.All(IsPlain));

    /// <summary>Whether <paramref name="name"/> is <paramref name="zone"/> or lies under it.</summary>
    public static bool IsWithin(string name, string zone) =>
        name.EndsWith(zone, StringComparison.Ordinal) && (name.Length == zone.Length || name[name.Length - zone.Length - 1] == '.');

    private static void Append(StringBuilder text, ReadOnlySpan<byte> label)
    {
        if (text.Length > 0)
        {
            text.Append('.');
        }

        foreach (var b in label)
        {
            var c = char.ToLowerInvariant((char)b);
            if (IsPlain(c))
            {
                text.Append(c);
            }
            else
            {
                text.Append('\\').Append(b.ToString("D3", System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    private static bool IsPlain(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '*' or '/';
}
