using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.SignIn.Device;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>Which session a token says it is of; true only of a token that the API has taken.</summary>
internal sealed record SessionClaim(string Name, string Uid);

/// <summary>A session as a Secret that holds nothing: its token is bound to it, and ends with it.</summary>
internal static class SessionObjects
{
    public const string SecretType = UsersObjects.SessionType;
    public const string Selector = "type=" + SecretType;
    public const string Prefix = "session-";

    /// <summary>What the names of operators' sessions of others begin with: the token itself names it, and is signed.</summary>
    public const string OperatorPrefix = Prefix + "as-";

    private const string CreatedKey = "user.sealos.io/session-created";
    private const string ExpiresKey = "user.sealos.io/session-expires";
    private const string ConfirmedKey = "user.sealos.io/session-confirmed";
    private const string MethodKey = "user.sealos.io/session-method";
    private const string PasskeyKey = "user.sealos.io/session-passkey";
    private const string AgentKey = "user.sealos.io/session-user-agent";
    private const string AddressKey = "user.sealos.io/session-address";
    private const string OperatorKey = "user.sealos.io/session-operator";
    private const string ReasonKey = "user.sealos.io/session-reason";

    /// <summary>A new session; it goes with the credential that opened it.</summary>
    public static Secret Build(string user, Secret credential, SessionMeans means, ClientInfo client, (DateTimeOffset Created, DateTimeOffset Expires) life) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = Prefix + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 16),
            Namespace = UserDirectory.AccountsNamespace,
            Labels = new Dictionary<string, string> { [UserKeys.Owner] = user },
            Annotations = new Dictionary<string, string>
            {
                [CreatedKey] = life.Created.ToString("O", CultureInfo.InvariantCulture),
                [ExpiresKey] = life.Expires.ToString("O", CultureInfo.InvariantCulture),
                [MethodKey] = means.Method,
                [PasskeyKey] = means.Passkey ?? "",
                [AgentKey] = client.UserAgent,
                [AddressKey] = client.Address,
            },
            OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Secret", Name = credential.Metadata.Name, Uid = credential.Metadata.Uid }],
        },
        Type = SecretType,
    };

    /// <summary>An operator's session of a user.</summary>
    public static Secret BuildForOperator(string user, string by, string reason, (DateTimeOffset Created, DateTimeOffset Expires) life, string name) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Namespace = UserDirectory.AccountsNamespace,
            Labels = new Dictionary<string, string> { [UserKeys.Owner] = user },
            Annotations = new Dictionary<string, string>
            {
                [CreatedKey] = life.Created.ToString("O", CultureInfo.InvariantCulture),
                [ExpiresKey] = life.Expires.ToString("O", CultureInfo.InvariantCulture),
                [MethodKey] = "operator",
                [OperatorKey] = by,
                [ReasonKey] = reason,
            },
        },
        Type = SecretType,
    };

    /// <summary>Whether a credential that the API has taken is an operator's, of somebody else.</summary>
    public static bool IsOperators(string token) => ClaimOf(token)?.Name.StartsWith(OperatorPrefix, StringComparison.Ordinal) == true;

    public static string? OwnerOf(Secret secret) => secret.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner);

    /// <summary>The id of the passkey that opened a session, or the session that approved of it; null when none did.</summary>
    public static string? PasskeyOf(Secret session) => session.Metadata.Annotations?.GetValueOrDefault(PasskeyKey) is { Length: > 0 } id ? id : null;

    public static SessionInfo Read(Secret session, string? current)
    {
        var notes = session.Metadata.Annotations ?? [];
        return new SessionInfo(
            session.Metadata.Name!, TimeOf(session, CreatedKey), TimeOf(session, ExpiresKey), notes.GetValueOrDefault(MethodKey, ""), notes.GetValueOrDefault(AgentKey, ""),
            notes.GetValueOrDefault(AddressKey, ""), session.Metadata.Name == current, notes.GetValueOrDefault(OperatorKey), notes.GetValueOrDefault(ReasonKey));
    }

    /// <summary>When it was opened.</summary>
    public static DateTimeOffset CreatedAt(Secret session) => TimeOf(session, CreatedKey);

    /// <summary>When its person last showed that it is them. Whoever was let in by a code has shown nothing yet, so a code that somebody was talked out of opens nothing lasting.</summary>
    public static DateTimeOffset ConfirmedAt(Secret session) =>
        TimeOf(session, ConfirmedKey) is var confirmed && (confirmed > CreatedAt(session) || session.Metadata.Annotations?.GetValueOrDefault(MethodKey) == DeviceEndpoints.Method) ? confirmed : CreatedAt(session);

    /// <summary>The change that notes it; only of this very session.</summary>
    public static JsonObject Confirmed(Secret session, DateTimeOffset at) => new()
    {
        ["metadata"] = new JsonObject { ["uid"] = session.Metadata.Uid, ["annotations"] = new JsonObject { [ConfirmedKey] = at.ToString("O", CultureInfo.InvariantCulture) } },
    };

    /// <summary>When it ends; one that says nothing legible has ended.</summary>
    public static DateTimeOffset ExpiresAt(Secret session) => TimeOf(session, ExpiresKey);

    /// <summary>The session that a token is bound to, or null when it is another kind of token.</summary>
    public static SessionClaim? ClaimOf(string token)
    {
        var parts = token.Split('.');
        try
        {
            using var payload = parts.Length == 3 ? JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])) : null;
            var secret = payload is null ? default : payload.RootElement.GetProperty("kubernetes.io").GetProperty("secret");
            return payload is not null && secret.GetProperty("name").GetString() is { } name && name.StartsWith(Prefix, StringComparison.Ordinal) && secret.GetProperty("uid").GetString() is { } uid
                ? new SessionClaim(name, uid) : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static DateTimeOffset TimeOf(Secret session, string key) =>
        DateTimeOffset.TryParse(session.Metadata.Annotations?.GetValueOrDefault(key), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : DateTimeOffset.MinValue;
}
