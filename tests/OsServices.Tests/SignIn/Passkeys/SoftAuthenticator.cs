using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices_Tests.SignIn.Passkeys;

/// <summary>An authenticator and browser that do what they are told, right or wrong.</summary>
internal sealed class SoftAuthenticator
{
    public const string Origin = "https://cloud.example:8443";
    public const string RpId = "cloud.example";

    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly Ed25519PrivateKeyParameters _ed = new(new SecureRandom());

    public int Algorithm { get; init; } = CoseKey.Es256;

    public byte[] CredentialId { get; init; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>The counter; zero of authenticators that do not count.</summary>
    public uint Count { get; set; }

    /// <summary>What is to be wrong.</summary>
    public Forgery Wrong { get; set; } = new();

    public byte[]? Handle { get; set; }

    /// <summary>A new passkey.</summary>
    public PasskeyCredential Create(string challenge)
    {
        var clientData = ClientData("webauthn.create", challenge);
        byte[] attested = [.. new byte[16], .. BigEndian((ushort)CredentialId.Length), .. CredentialId, .. PublicKey()];
        var writer = new CborWriter();
        writer.WriteStartMap(3);
        writer.WriteTextString("fmt");
        writer.WriteTextString(Wrong.Format);
        writer.WriteTextString("attStmt");
        writer.WriteStartMap(0);
        writer.WriteEndMap();
        writer.WriteTextString("authData");
        writer.WriteByteString([.. Data(0x40), .. attested, .. Wrong.Trailing]);
        writer.WriteEndMap();
        var attestation = Wrong.Attestation(writer.Encode());
        return new PasskeyCredential(Text(CredentialId), new PasskeyResponse(Text(clientData)) { AttestationObject = Text(attestation) });
    }

    /// <summary>A use of the passkey.</summary>
    public PasskeyCredential Use(string challenge)
    {
        var clientData = ClientData("webauthn.get", challenge);
        byte[] data = [.. Data(0), .. Wrong.Trailing];
        byte[] signed = [.. data, .. SHA256.HashData(clientData)];
        return new PasskeyCredential(Text(CredentialId), new PasskeyResponse(Text(clientData))
        {
            AuthenticatorData = Text(data),
            Signature = Text(Sign(signed)),
            UserHandle = Handle is null ? null : Text(Handle),
        });
    }

    public byte[] PublicKey()
    {
        var writer = new CborWriter();
        var (type, fields) = Algorithm switch
        {
            CoseKey.Rs256 => (3, new[] { (-1, (object)_rsa.ExportParameters(false).Modulus!), (-2, _rsa.ExportParameters(false).Exponent!) }),
            CoseKey.EdDsa => (1, [(-1, (object)6), (-2, _ed.GeneratePublicKey().GetEncoded())]),
            _ => (2, [(-1, (object)1), (-2, _ec.ExportParameters(false).Q.X!), (-3, _ec.ExportParameters(false).Q.Y!)]),
        };
        writer.WriteStartMap(2 + fields.Length);
        writer.WriteInt32(1);
        writer.WriteInt32(type);
        writer.WriteInt32(3);
        writer.WriteInt32(Wrong.Algorithm ?? Algorithm);
        foreach (var (label, value) in fields)
        {
            writer.WriteInt32(label);
            if (value is int number)
            {
                writer.WriteInt32(number);
            }
            else
            {
                writer.WriteByteString((byte[])value);
            }
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    private byte[] Sign(byte[] message)
    {
        switch (Algorithm)
        {
            case CoseKey.Rs256:
                return _rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            case CoseKey.EdDsa:
                var signer = new Ed25519Signer();
                signer.Init(true, _ed);
                signer.BlockUpdate(message, 0, message.Length);
                return signer.GenerateSignature();
            default:
                return _ec.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    private byte[] ClientData(string type, string challenge) => Encoding.UTF8.GetBytes(
        $$"""{"type":"{{Wrong.Type ?? type}}","challenge":"{{challenge}}","origin":"{{Wrong.Origin ?? Origin}}","crossOrigin":{{(Wrong.IsCrossOrigin ? "true" : "false")}}}""");

    private byte[] Data(byte more)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(Wrong.RpId ?? RpId)), (byte)((Wrong.Flags ?? 0x05) | more), .. count];
    }

    private static byte[] BigEndian(ushort value) => [(byte)(value >> 8), (byte)value];

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}

/// <summary>What an authenticator, or whoever stands between, does wrong.</summary>
internal sealed record Forgery
{
    public string? Origin { get; init; }

    public string? RpId { get; init; }

    public string? Type { get; init; }

    public bool IsCrossOrigin { get; init; }

    public byte? Flags { get; init; }

    public int? Algorithm { get; init; }

    public string Format { get; init; } = "none";

    public byte[] Trailing { get; init; } = [];

    public Func<byte[], byte[]> Attestation { get; init; } = bytes => bytes;
}
