using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QRCoder;

namespace Sealos.OsServices.SignIn;

/// <summary>Time-based one-time passwords as every authenticator makes them: RFC 6238, SHA-1, six digits, thirty seconds.</summary>
internal static class Totp
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int SecretBytes = 20;
    private const int Seconds = 30;
    private const int Digits = 6;

    // How many steps a clock may be off.
    private const int Drift = 1;

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The step that a code is of, or null when it is of none that is near <paramref name="now"/> and after <paramref name="last"/>.</summary>
    public static long? Match(byte[] secret, string code, DateTimeOffset now, long last)
    {
        var typed = Encoding.UTF8.GetBytes(code.Trim());
        long? found = null;
        var current = now.ToUnixTimeSeconds() / Seconds;
        for (var step = current - Drift; step <= current + Drift; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(typed, Encoding.UTF8.GetBytes(CodeOf(secret, step))) && step > last)
            {
                found = step;
            }
        }

        return found;
    }

    /// <summary>The code of a moment.</summary>
    public static string CodeAt(byte[] secret, DateTimeOffset time) => CodeOf(secret, time.ToUnixTimeSeconds() / Seconds);

    /// <summary>What an authenticator reads.</summary>
    public static string UriOf(byte[] secret, string user, string issuer) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(user)}?secret={Write(secret)}&issuer={Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={Seconds}";

    /// <summary>The same as a picture.</summary>
    public static string Draw(string uri)
    {
        using var data = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var picture = new SvgQRCode(data);
        return picture.GetGraphic(4);
    }

    /// <summary>A secret as people type it.</summary>
    public static string Write(byte[] secret)
    {
        var text = new StringBuilder();
        int bits = 0, held = 0;
        foreach (var value in secret)
        {
            held = (held << 8) | value;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append(Base32[(held >> (bits - 5)) & 31]);
            }

            held &= (1 << bits) - 1;
        }

        return bits > 0 ? text.Append(Base32[(held << (5 - bits)) & 31]).ToString() : text.ToString();
    }

    private static string CodeOf(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // What authenticators know; as a keyed one-time code it is not weak.
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
}
