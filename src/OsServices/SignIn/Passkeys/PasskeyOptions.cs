namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>Asks a browser for a passkey that is there (<c>navigator.credentials.get</c>); bytes are base64url.</summary>
public sealed record PasskeyUseOptions(PasskeyUse PublicKey);

/// <summary>What of; no passkeys are listed, so that strangers learn of nobody's.</summary>
public sealed record PasskeyUse(string Challenge, string RpId, int Timeout, string UserVerification);

/// <summary>Asks a browser for a new passkey (<c>navigator.credentials.create</c>); bytes are base64url.</summary>
public sealed record PasskeyNewOptions(PasskeyNew PublicKey);

/// <summary>What of.</summary>
public sealed record PasskeyNew(string Challenge, PasskeyParty Rp, PasskeyUser User, int Timeout, string Attestation)
{
    /// <summary>The algorithms that are taken, the best first.</summary>
    public required IReadOnlyList<PasskeyAlgorithm> PubKeyCredParams { get; init; }

    /// <summary>Those the person has: an authenticator that holds one of them makes no second.</summary>
    public required IReadOnlyList<PasskeyReference> ExcludeCredentials { get; init; }

    /// <summary>What the authenticator must be able to do.</summary>
    public PasskeySelection AuthenticatorSelection { get; init; } = new("required", true, "required");
}

/// <summary>The site.</summary>
public sealed record PasskeyParty(string Id, string Name);

/// <summary>The person; the id says nothing of them.</summary>
public sealed record PasskeyUser(string Id, string Name, string DisplayName);

/// <summary>An algorithm by its number.</summary>
public sealed record PasskeyAlgorithm(int Alg, string Type = "public-key");

/// <summary>A passkey.</summary>
public sealed record PasskeyReference(string Id, string Type = "public-key");

/// <summary>Kept by the authenticator together with the person's id, and used only by the person.</summary>
public sealed record PasskeySelection(string ResidentKey, bool RequireResidentKey, string UserVerification);
