using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices.SignIn;

/// <summary>Somebody who has proved one factor and has no session yet.</summary>
internal sealed record Halfway(string User, Secret Credential, string Method);

/// <summary>
/// What stands between one proven factor and a session: the second factor where there is one, and the making of one where it is demanded
/// and there is none. Who is halfway holds a step and no credential, so there is nothing else that they could do with it.
/// </summary>
internal sealed class SecondFactorGate(SecondFactors factors, PasskeyStore passkeys, SecondFactorDemand demand, Sessions sessions, TimeProvider time)
{
    /// <summary>The next step of who has a second factor.</summary>
    public const string Prove = "second-factor";

    /// <summary>The next step of whom one is demanded of.</summary>
    public const string SetUp = "set-up-second-factor";

    /// <summary>The means of an authenticator or a recovery code.</summary>
    public const string Code = "code";

    /// <summary>The means of a passkey.</summary>
    public const string Passkey = "passkey";

    /// <summary>Who is to prove a second factor.</summary>
    public SignInSteps<Halfway> Proving { get; } = new(time, TimeSpan.FromMinutes(5));

    /// <summary>Who is to make one first; an authenticator wants to be found and installed, and to guess at one's own code gains nothing.</summary>
    public SignInSteps<Halfway> SettingUp { get; } = new(time, TimeSpan.FromMinutes(15), tries: 20);

    /// <summary>A session for who has proved one factor, or the step that is to be taken before.</summary>
    public async Task<Results<Ok<SignInGrant>, Accepted<SignInStep>>> AdmitAsync(Halfway halfway, ClientInfo from, CancellationToken ct)
    {
        var hasCode = await factors.FindAsync(halfway.User, ct).ConfigureAwait(false) is not null;
        var isDemanded = !hasCode && await demand.IsMadeOfAsync(halfway.User, ct).ConfigureAwait(false);
        if (!hasCode && !isDemanded)
        {
            return TypedResults.Ok(await sessions.OpenAsync(halfway.User, halfway.Credential, halfway.Method, from, ct).ConfigureAwait(false));
        }

        var hasPasskey = await passkeys.HasAnyAsync(halfway.User, ct).ConfigureAwait(false);
        if (hasCode || hasPasskey)
        {
            return Next((Proving, from), halfway, Prove, [.. hasCode ? [Code] : (string[])[], .. hasPasskey ? [Passkey] : (string[])[]]);
        }

        return Next((SettingUp, from), halfway, SetUp, [Code, Passkey]);
    }

    private static Accepted<SignInStep> Next((SignInSteps<Halfway> Steps, ClientInfo From) at, Halfway halfway, string next, IReadOnlyList<string> methods)
    {
        var (token, expires) = at.Steps.Add(halfway, at.From);
        return TypedResults.Accepted((string?)null, new SignInStep(token, next, expires) { Methods = methods });
    }
}
