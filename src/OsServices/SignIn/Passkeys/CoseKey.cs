using System.Formats.Cbor;
using System.Security.Cryptography;
using Sealos.Objects.Certificates;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>
/// A passkey's public key as authenticators write it (RFC 9053): ES256, EdDSA with Ed25519, or RS256. Every other algorithm, curve and
/// size is refused by name.
/// </summary>
internal sealed class CoseKey
{
    public const int Es256 = -7;
    public const int EdDsa = -8;
    public const int Rs256 = -257;

    private const int TypeField = 1;
    private const int AlgorithmField = 3;
    private const int Ed25519Curve = 6;
    private const int P256Curve = 1;
    private const int FewestRsaBytes = 256;
    private const int MostRsaBytes = 512;

    private readonly Dictionary<int, long> _numbers = [];
    private readonly Dictionary<int, byte[]> _bytes = [];

    private CoseKey()
    {
    }

    /// <summary>The algorithms that are taken, the best first.</summary>
    public static IReadOnlyList<int> Algorithms { get; } = [EdDsa, Es256, Rs256];

    private int Algorithm => (int)_numbers[AlgorithmField];

    /// <summary>Reads the key that bytes begin with, and says how long it is.</summary>
    /// <exception cref="PasskeyProblemException">It is none, or not one that is taken.</exception>
    public static (CoseKey Key, int Length) Read(ReadOnlyMemory<byte> bytes)
    {
        var key = new CoseKey();
        try
        {
            var reader = new CborReader(bytes, CborConformanceMode.Strict, allowMultipleRootLevelValues: true);
            for (var left = reader.ReadStartMap() ?? throw new CborContentException("a map without a length"); left > 0; left--)
            {
                key.ReadField(reader);
            }

            reader.ReadEndMap();
            key.Check();
            return (key, bytes.Length - reader.BytesRemaining);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new PasskeyProblemException("The passkey's public key cannot be read.", e);
        }
    }

    /// <summary>Whether the key's owner signed a message.</summary>
    public bool Verify(byte[] message, byte[] signature)
    {
        try
        {
            return Algorithm switch
            {
                Es256 => VerifyEcdsa(message, signature),
                Rs256 => VerifyRsa(message, signature),
                _ => Ed25519.Verify(_bytes[-2], message, signature),
            };
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private void ReadField(CborReader reader)
    {
        var label = reader.ReadInt32();
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                _numbers[label] = reader.ReadInt64();
                break;
            case CborReaderState.ByteString:
                _bytes[label] = reader.ReadByteString();
                break;
            default:
                reader.SkipValue();
                break;
        }
    }

    private void Check()
    {
        var isTaken = (_numbers.GetValueOrDefault(TypeField), _numbers.GetValueOrDefault(AlgorithmField)) switch
        {
            (2, Es256) => _numbers.GetValueOrDefault(-1) == P256Curve && LengthOf(-2) == 32 && LengthOf(-3) == 32,
            (1, EdDsa) => _numbers.GetValueOrDefault(-1) == Ed25519Curve && LengthOf(-2) == 32,
            (3, Rs256) => LengthOf(-1) is >= FewestRsaBytes and <= MostRsaBytes && LengthOf(-2) is >= 1 and <= 8,
            _ => false,
        };
        if (!isTaken)
        {
            throw new PasskeyProblemException("The passkey's public key is of a kind that is not taken: ES256, Ed25519 and RS256 are.");
        }

        if (Algorithm == Es256)
        {
            // A point that is not on the curve is refused here, and not only when it is to verify something.
            using var key = Ecdsa();
        }
    }

    private int LengthOf(int label) => _bytes.GetValueOrDefault(label)?.Length ?? 0;

    private ECDsa Ecdsa()
    {
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = _bytes[-2], Y = _bytes[-3] } });
        }
        catch (CryptographicException e)
        {
            throw new PasskeyProblemException("The passkey's public key is none of its curve.", e);
        }
    }

    private bool VerifyEcdsa(byte[] message, byte[] signature)
    {
        using var key = Ecdsa();
        return key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private bool VerifyRsa(byte[] message, byte[] signature)
    {
        using var key = RSA.Create(new RSAParameters { Modulus = _bytes[-1], Exponent = _bytes[-2] });
        return key.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}
