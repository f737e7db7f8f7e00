namespace Sealos.OsServices.SignIn.Device;

/// <summary>A program's request to be let in: the secret it asks with, and the code a person types at the address.</summary>
public sealed record DeviceGrant(string DeviceCode, string UserCode, Uri VerificationUri, Uri VerificationUriComplete)
{
    /// <summary>For how many seconds it holds.</summary>
    public required int ExpiresIn { get; init; }

    /// <summary>How many seconds lie between two questions.</summary>
    public required int Interval { get; init; }
}

/// <summary>A program's question how its request stands.</summary>
public sealed record DeviceQuestion(string DeviceCode);

/// <summary>What a program asks for, as the person sees it who is to approve.</summary>
public sealed record DeviceAsking(string UserCode, string UserAgent, string Address, DateTimeOffset Created, DateTimeOffset Expires);

/// <summary>A person's answer.</summary>
public sealed record DeviceAnswer(bool Approve);
