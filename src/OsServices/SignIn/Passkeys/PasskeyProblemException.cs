namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>What a browser or authenticator sent does not hold; the message says what of it.</summary>
internal sealed class PasskeyProblemException(string message, Exception? inner = null) : Exception(message, inner);
