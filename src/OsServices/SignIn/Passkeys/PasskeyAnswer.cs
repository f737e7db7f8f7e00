using System.Buffers.Text;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>What a browser answers for a passkey, as its <c>toJSON</c> writes it.</summary>
public sealed record PasskeyCredential(string Id, PasskeyResponse Response);

/// <summary>The authenticator's part of it: of a new passkey, or of one that is used. All of it is base64url.</summary>
public sealed record PasskeyResponse(string ClientDataJSON)
{
    /// <summary>A new passkey.</summary>
    public string? AttestationObject { get; init; }

    /// <summary>What the authenticator says of a use.</summary>
    public string? AuthenticatorData { get; init; }

    /// <summary>Its signature.</summary>
    public string? Signature { get; init; }

    /// <summary>Whose passkey it is.</summary>
    public string? UserHandle { get; init; }
}

/// <summary>The same as bytes.</summary>
internal sealed record PasskeyAnswer(byte[] Id, byte[] ClientDataJson, ClientData ClientData, PasskeyResponse Response)
{
    /// <exception cref="PasskeyProblemException">It cannot be read.</exception>
    public static PasskeyAnswer Read(PasskeyCredential? credential)
    {
        var json = Bytes(credential?.Response?.ClientDataJSON);
        return new PasskeyAnswer(Bytes(credential!.Id), json, ClientData.Read(json), credential.Response);
    }

    /// <exception cref="PasskeyProblemException">It is no base64url, or nothing.</exception>
    public static byte[] Bytes(string? text)
    {
        try
        {
            return text is { Length: > 0 } ? Base64Url.DecodeFromChars(text) : throw new FormatException();
        }
        catch (FormatException e)
        {
            throw new PasskeyProblemException("What the browser sent for the passkey cannot be read.", e);
        }
    }
}
