using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Konscious.Security.Cryptography;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// Password hashes: Argon2id with a salt each, and the cost written into the hash so that it can be raised. Written as
/// <c>argon2id$KiB$passes$salt$hash</c>, the last two in base64. Hashes of earlier versions, <c>pbkdf2-sha512$iterations$salt$hash</c>,
/// still verify, and are replaced at the next sign-in.
/// </summary>
internal static class PasswordHash
{
    private const string Scheme = "argon2id";
    private const string OldScheme = "pbkdf2-sha512";

    // One of the pairs that OWASP holds equal; of those the one whose memory two at once may take without being felt.
    private const int MemoryKiB = 12 * 1024;
    private const int Passes = 3;
    private const int LargestMemoryKiB = 64 * 1024;
    private const int MostPasses = 10;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    public static string Create(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Argon2(password, salt, MemoryKiB, Passes);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}${MemoryKiB}${Passes}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>Compares in constant time; a hash of another form matches nothing.</summary>
    public static bool Verify(string password, string stored)
    {
        var parts = stored.Split('$');
        return parts switch
        {
            [Scheme, var memory, var passes, var salt, var hash] when IsNumber(memory, 8, LargestMemoryKiB, out var kib) && IsNumber(passes, 1, MostPasses, out var times) && IsBase64(salt) && IsBase64(hash) =>
                CryptographicOperations.FixedTimeEquals(Argon2(password, Convert.FromBase64String(salt), kib, times), Convert.FromBase64String(hash)),
            [OldScheme, var iterations, var salt, var hash] when IsNumber(iterations, 1, 10_000_000, out var times) && IsBase64(salt) && IsBase64(hash) =>
                CryptographicOperations.FixedTimeEquals(
                    Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(salt), times, HashAlgorithmName.SHA512, HashBytes), Convert.FromBase64String(hash)),
            _ => false,
        };
    }

    /// <summary>Whether a hash was made at another cost than new ones are.</summary>
    public static bool IsOutdated(string stored) => !stored.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Scheme}${MemoryKiB}${Passes}$"), StringComparison.Ordinal);

    /// <summary>A random password of 20 letters and digits (over 100 bits) without look-alikes, in groups for reading aloud.</summary>
    public static string Generate() =>
        string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 5)));

    private static byte[] Argon2(string password, byte[] salt, int kib, int passes)
    {
        using var argon = new Argon2id(Encoding.UTF8.GetBytes(password)) { Salt = salt, MemorySize = kib, Iterations = passes, DegreeOfParallelism = 1 };
        return argon.GetBytes(HashBytes);
    }

    private static bool IsNumber(string text, int least, int most, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[256], out var length) && length >= SaltBytes;
}
