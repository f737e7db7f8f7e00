using Microsoft.AspNetCore.Http;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.SignIn;

/// <summary>What signing in is refused with; nothing here tells a stranger who exists.</summary>
internal static class Refusals
{
    public static ServiceException Wrong() => new(StatusCodes.Status401Unauthorized, "wrong", "Name or password is wrong.");

    public static ServiceException Locked() => new(StatusCodes.Status403Forbidden, "locked", "This user is locked. Ask the operator of the cloud.");

    public static ServiceException TooMany() => new(StatusCodes.Status429TooManyRequests, "too-many", "Too many attempts. Wait a while, then try again.");

    public static ServiceException NoSession() => new(StatusCodes.Status403Forbidden, "no-session", "Only a session may do this: sign in, and use the token you get for it.");

    public static ServiceException NotFresh() => new(StatusCodes.Status403Forbidden, "confirm", "Confirm first that it is you: this needs a session that was opened or confirmed in the last 15 minutes.");

    public static ServiceException CodeNeeded() => new(StatusCodes.Status401Unauthorized, "code-needed", "A code of your second factor is needed, too.", "code");

    public static ServiceException WrongCode() => new(StatusCodes.Status401Unauthorized, "wrong-code", "The code is wrong, or was used before.", "code");

    public static ServiceException StepIsOver() => new(StatusCodes.Status410Gone, "expired", "This took too long, or too many tries: start again.");

    public static ServiceException ApproverGone() => new(StatusCodes.Status403Forbidden, "access-denied", "Whoever approved is no longer signed in: start again.");

    public static ServiceException NoSuchSession() => ServiceException.NotFound("You have no such session.");
}
