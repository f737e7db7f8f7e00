using Microsoft.AspNetCore.Http;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>What passkeys are refused with.</summary>
internal static class PasskeyRefusals
{
    public static ServiceException Wrong() => new(StatusCodes.Status401Unauthorized, "wrong-passkey", "This passkey does not sign anybody in here.");

    public static ServiceException NoSuchPasskey() => ServiceException.NotFound("You have no such passkey.");

    public static ServiceException LastWayIn() => ServiceException.Conflict("This is the only way you can sign in: set a password or add another passkey first.");

    public static ServiceException Demanded() => ServiceException.Conflict("This cloud demands a second factor: add another passkey or an authenticator first.");
}
