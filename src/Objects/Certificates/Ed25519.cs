using System.Numerics;
using System.Security.Cryptography;

namespace Sealos.Objects.Certificates;

/// <summary>
/// Verifies Ed25519 signatures (RFC 8032), which .NET does not. Nothing here is secret, so nothing has to take the same time always.
/// </summary>
internal static class Ed25519
{
    /// <summary>The algorithm's object identifier.</summary>
    public const string Id = "1.3.101.112";

    private const int KeyBytes = 32;

    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Mod(-121665 * Invert(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly Point Base = Decode([0x58, .. Enumerable.Repeat((byte)0x66, 31)])!.Value;

    /// <summary>Whether a signature over a message was made with the key.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != 2 * KeyBytes || Decode(publicKey) is not { } key || Decode(signature[..KeyBytes]) is not { } commitment)
        {
            return false;
        }

        var response = Number(signature[KeyBytes..]);
        if (response >= Order)
        {
            return false;
        }

        var challenge = Number(SHA512.HashData([.. signature[..KeyBytes], .. publicKey, .. message])) % Order;
        return Base.Times(response).Equals(commitment.Plus(key.Times(challenge)));
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    private static BigInteger Mod(BigInteger value)
    {
        var rest = value % P;
        return rest.Sign < 0 ? rest + P : rest;
    }

    private static BigInteger Invert(BigInteger value) => BigInteger.ModPow(value, P - 2, P);

    private static Point? Decode(ReadOnlySpan<byte> bytes)
    {
        var isOdd = (bytes[^1] & 0x80) != 0;
        Span<byte> copy = stackalloc byte[KeyBytes];
        bytes.CopyTo(copy);
        copy[^1] &= 0x7F;
        var y = Number(copy);
        if (y >= P)
        {
            return null;
        }

        var square = Mod((y * y - 1) * Invert(Mod(D * y * y + 1)));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (Mod(x * x - square) != 0)
        {
            x = Mod(x * RootOfMinusOne);
        }

        if (Mod(x * x - square) != 0 || (x.IsZero && isOdd))
        {
            return null;
        }

        return Point.At(x.IsEven == isOdd ? P - x : x, y);
    }

    /// <summary>A point of the curve in extended coordinates, in which adding needs no division.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        public static Point At(BigInteger x, BigInteger y) => new(x, y, BigInteger.One, Mod(x * y));

        public Point Plus(Point other)
        {
            var a = Mod((Y - X) * (other.Y - other.X));
            var b = Mod((Y + X) * (other.Y + other.X));
            var c = Mod(2 * T * D * other.T);
            var d = Mod(2 * Z * other.Z);
            var (e, f, g, h) = (b - a, d - c, d + c, b + a);
            return new Point(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }

        public Point Times(BigInteger factor)
        {
            var (result, power) = (At(BigInteger.Zero, BigInteger.One), this);
            for (; factor.Sign > 0; factor >>= 1)
            {
                result = factor.IsEven ? result : result.Plus(power);
                power = power.Plus(power);
            }

            return result;
        }

        public bool Equals(Point other) => Mod(X * other.Z - other.X * Z).IsZero && Mod(Y * other.Z - other.Y * Z).IsZero;

        public override int GetHashCode() => throw new NotSupportedException();
    }
}
