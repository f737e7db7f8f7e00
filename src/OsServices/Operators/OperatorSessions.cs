using System.Security.Cryptography;
using Sealos.OsServices.SignIn;

namespace Sealos.OsServices.Operators;

/// <summary>
/// The names of sessions that operators open of others. The token bears the name, and the API server's audit log with it, so that what is done
/// there is known as the operator's deed when the session itself is long gone.
/// </summary>
public static class OperatorSessions
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string SomeOperator = "operator";
    private const int RandomLength = 16;

    // A session's name is at most as long as a user's.
    private const int LongestOperator = 20;

    /// <summary>What the user's extra says the Secret's name by that a token is bound to.</summary>
    public const string SecretNameExtra = "authentication.kubernetes.io/secret-name";

    /// <summary>A new name; it says who opens the session, as far as names of Secrets can.</summary>
    internal static string NewName(string by)
    {
        var letters = string.Concat(by.ToLowerInvariant().Select(c => Letters.Contains(c, StringComparison.Ordinal) ? c : '-'));
        var name = letters[..Math.Min(LongestOperator, letters.Length)].Trim('-');
        return $"{SessionObjects.OperatorPrefix}{(name.Length == 0 ? SomeOperator : name)}-{RandomNumberGenerator.GetString(Letters, RandomLength)}";
    }

    /// <summary>Which operator has opened the session that bears a name; null where it is no operator's.</summary>
    public static string? OperatorOf(string? session)
    {
        if (session?.StartsWith(SessionObjects.OperatorPrefix, StringComparison.Ordinal) != true)
        {
            return null;
        }

        // Sessions of earlier versions do not say it.
        var length = session.Length - SessionObjects.OperatorPrefix.Length - RandomLength - 1;
        return length > 0 && session[^(RandomLength + 1)] == '-' ? session.Substring(SessionObjects.OperatorPrefix.Length, length) : SomeOperator;
    }
}
