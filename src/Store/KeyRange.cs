using System.Text;

namespace Sealos.Store;

/// <summary>What a key may be, and the bounds of the keys under a prefix.</summary>
internal static class KeyRange
{
    public const int MaxKeyBytes = 2048;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // The last code point, which no key may hold: every key under a prefix sorts before prefix + this.
    private const string Last = "\U0010FFFF";

    public static string EndOf(string prefix) => prefix + Last;

    public static void Validate(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Contains('\0') || key.Contains(Last, StringComparison.Ordinal) || ByteCount(key) > MaxKeyBytes)
        {
            throw new ArgumentException($"a key is well-formed text of at most {MaxKeyBytes} bytes without NUL", nameof(key));
        }
    }

    private static int ByteCount(string key)
    {
        try
        {
            return Strict.GetByteCount(key);
        }
        catch (EncoderFallbackException)
        {
            return int.MaxValue;
        }
    }
}
