using System.Buffers.Binary;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>A new passkey as its authenticator attests to it.</summary>
internal sealed record AttestedKey(byte[] CredentialId, byte[] PublicKey);

/// <summary>What an authenticator says and signs (WebAuthn level 2, section 6.1); every byte of it is accounted for.</summary>
internal sealed record AuthenticatorData(byte[] RpIdHash, byte Flags, uint SignCount, AttestedKey? Attested)
{
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte BackupEligible = 0x08;
    private const byte BackedUp = 0x10;
    private const byte HasAttested = 0x40;
    private const byte HasExtensions = 0x80;
    private const int Head = 37;
    private const int LongestId = 1023;

    /// <summary>Whether it is kept in more places than this authenticator.</summary>
    public bool IsBackedUp => (Flags & BackedUp) != 0;

    /// <exception cref="PasskeyProblemException">It is none.</exception>
    public static AuthenticatorData Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < Head)
        {
            throw Unreadable();
        }

        var flags = bytes.Span[32];
        var rest = bytes[Head..];
        AttestedKey? attested = null;
        if ((flags & HasAttested) != 0)
        {
            (attested, rest) = ReadAttested(rest);
        }

        if ((flags & HasExtensions) != 0)
        {
            rest = SkipExtensions(rest);
        }

        return rest.IsEmpty
            ? new AuthenticatorData(bytes[..32].ToArray(), flags, BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[33..]), attested)
            : throw Unreadable();
    }

    /// <summary>Refuses what was said to another site, or without the person.</summary>
    /// <exception cref="PasskeyProblemException">It was.</exception>
    public void Check(string rpId)
    {
        if (!CryptographicOperations.FixedTimeEquals(RpIdHash, SHA256.HashData(Encoding.UTF8.GetBytes(rpId))))
        {
            throw new PasskeyProblemException("The passkey is one of another site.");
        }

        if ((Flags & (UserPresent | UserVerified)) != (UserPresent | UserVerified))
        {
            throw new PasskeyProblemException("The authenticator did not check who you are: let it ask for a PIN, a finger or a face.");
        }

        if ((Flags & (BackupEligible | BackedUp)) == BackedUp)
        {
            throw Unreadable();
        }
    }

    private static (AttestedKey Key, ReadOnlyMemory<byte> After) ReadAttested(ReadOnlyMemory<byte> bytes)
    {
        // 16 bytes name the authenticator's model, which does not matter here.
        if (bytes.Length < 18)
        {
            throw Unreadable();
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[16..]);
        if (length is 0 or > LongestId || bytes.Length < 18 + length)
        {
            throw Unreadable();
        }

        var rest = bytes[(18 + length)..];
        var (_, keyLength) = CoseKey.Read(rest);
        return (new AttestedKey(bytes.Slice(18, length).ToArray(), rest[..keyLength].ToArray()), rest[keyLength..]);
    }

    private static ReadOnlyMemory<byte> SkipExtensions(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new CborReader(bytes, CborConformanceMode.Strict, allowMultipleRootLevelValues: true);
            if (reader.PeekState() != CborReaderState.StartMap)
            {
                throw Unreadable();
            }

            reader.SkipValue();
            return bytes[(bytes.Length - reader.BytesRemaining)..];
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException)
        {
            throw new PasskeyProblemException(Text, e);
        }
    }

    private const string Text = "What the authenticator says cannot be read.";

    private static PasskeyProblemException Unreadable() => new(Text);
}
