namespace Sealos.OsServices.SignIn;

/// <summary>What a person types to sign in.</summary>
public sealed record SignInRequest(string User, string Password);

/// <summary>A session: the user's own credential for the API, until when it holds, and the workspace it opens.</summary>
public sealed record SignInGrant(string User, string Token, DateTimeOffset Expires, string Workspace);

/// <summary>How an attempt to sign in ended.</summary>
public enum SignInOutcome
{
    /// <summary>There is a session.</summary>
    Granted,

    /// <summary>Name or password is wrong; which one is not told.</summary>
    Denied,

    /// <summary>The password is right, and the user is locked.</summary>
    Locked,

    /// <summary>Too many attempts; a minute later there may be more.</summary>
    TooMany,

    /// <summary>The cloud cannot answer at the moment.</summary>
    Unavailable,
}
