using System.Text.Json.Serialization;

namespace Sealos.OsServices.SignIn;

/// <summary>What a person types to sign in.</summary>
public sealed record SignInRequest(string User, string Password);

/// <summary>The answer to a right password where a second factor is wanted: what is <c>Next</c>, and the one-time token for it.</summary>
public sealed record SignInStep(string Step, string Next, DateTimeOffset Expires)
{
    /// <summary>By what means it can be taken: <c>code</c>, <c>passkey</c>.</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Whether a second factor is to be made, and not one that is there to be proved.</summary>
    [JsonIgnore]
    public bool IsSetUp => Next == SecondFactorGate.SetUp;

    /// <summary>Whether a code takes it; where nothing is said of means, a code may.</summary>
    [JsonIgnore]
    public bool TakesCode => Methods?.Contains(SecondFactorGate.Code) != false;

    /// <summary>Whether a passkey takes it; where nothing is said of means, a passkey may.</summary>
    [JsonIgnore]
    public bool TakesPasskey => Methods?.Contains(SecondFactorGate.Passkey) != false;
}

/// <summary>The second step: six digits of the authenticator, or a recovery code.</summary>
public sealed record SecondFactorRequest(string Step, string Code);

/// <summary>A session: the user's own credential for the API, until when it holds, and the workspace it opens.</summary>
public sealed record SignInGrant(string User, string Token, DateTimeOffset Expires, string Workspace);
