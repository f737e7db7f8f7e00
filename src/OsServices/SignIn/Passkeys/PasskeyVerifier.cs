using System.Formats.Cbor;
using System.Security.Cryptography;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>The site that passkeys are made for: the domain, and the one origin whose pages may use them.</summary>
internal sealed record PasskeySite(string RpId, string Origin)
{
    /// <summary>The site of a console's address, without the port where that is the usual one, as browsers write it.</summary>
    public static PasskeySite Of(Uri console) => new(console.Host, console.GetLeftPart(UriPartial.Authority));
}

/// <summary>
/// Verifies what browsers and authenticators answer, by WebAuthn level 2, sections 7.1 and 7.2. Pure: that a challenge is ours, and whose
/// a passkey is, is for the caller to know.
/// </summary>
internal static class PasskeyVerifier
{
    private const string Creation = "webauthn.create";
    private const string Use = "webauthn.get";

    /// <summary>A new passkey. Who made the authenticator is not asked, so whatever attests to that is not looked at.</summary>
    /// <exception cref="PasskeyProblemException">The answer does not hold.</exception>
    public static (AttestedKey Key, AuthenticatorData Data) VerifyNew(PasskeySite site, PasskeyAnswer answer)
    {
        answer.ClientData.Check(Creation, site.Origin);
        var data = AuthenticatorData.Read(ReadAttestation(PasskeyAnswer.Bytes(answer.Response.AttestationObject)));
        data.Check(site.RpId);
        if (data.Attested is not { } key || !key.CredentialId.AsSpan().SequenceEqual(answer.Id))
        {
            throw new PasskeyProblemException("The answer holds no new passkey.");
        }

        return (key, data);
    }

    /// <summary>The use of a passkey that is known; the counter it has by now is for the caller to keep.</summary>
    /// <exception cref="PasskeyProblemException">The answer does not hold.</exception>
    public static AuthenticatorData VerifyUse(PasskeySite site, Passkey passkey, PasskeyAnswer answer)
    {
        answer.ClientData.Check(Use, site.Origin);
        var said = PasskeyAnswer.Bytes(answer.Response.AuthenticatorData);
        var data = AuthenticatorData.Read(said);
        data.Check(site.RpId);
        var (key, _) = CoseKey.Read(passkey.PublicKey);
        if (!key.Verify([.. said, .. SHA256.HashData(answer.ClientDataJson)], PasskeyAnswer.Bytes(answer.Response.Signature)))
        {
            throw new PasskeyProblemException("The passkey's signature is wrong.");
        }

        // Zero is of authenticators that do not count. One that counts and goes back has been copied.
        return data.SignCount > passkey.SignCount || (data.SignCount == 0 && passkey.SignCount == 0)
            ? data
            : throw new PasskeyProblemException("The passkey's counter went back: it may have been copied.");
    }

    private static byte[] ReadAttestation(byte[] bytes)
    {
        try
        {
            var reader = new CborReader(bytes, CborConformanceMode.Strict);
            byte[]? data = null;
            for (var left = reader.ReadStartMap() ?? throw new CborContentException("a map without a length"); left > 0; left--)
            {
                if (reader.ReadTextString() == "authData")
                {
                    data = reader.ReadByteString();
                }
                else
                {
                    reader.SkipValue();
                }
            }

            reader.ReadEndMap();
            return data is not null && reader.BytesRemaining == 0 ? data : throw new CborContentException("no or too much data");
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new PasskeyProblemException("The new passkey cannot be read.", e);
        }
    }
}
