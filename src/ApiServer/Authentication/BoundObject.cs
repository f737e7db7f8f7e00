namespace Sealos.ApiServer.Authentication;

/// <summary>What a token's validity can hang on.</summary>
internal enum BoundKind
{
    ServiceAccount,
    Pod,
    Secret,
    Node,
}

/// <summary>An object that a token names, as it is now.</summary>
internal readonly record struct BoundObject(string Uid, DateTimeOffset? DeletionTimestamp)
{
    /// <summary>Of a Secret that holds a service account's token: the one that counts.</summary>
    public string? Token { get; init; }
}

/// <summary>Finds an object that a token names; null when it does not exist. Answers from memory.</summary>
internal delegate BoundObject? BoundObjectLookup(BoundKind kind, string? @namespace, string name);

/// <summary>A name and uid inside a token.</summary>
internal sealed record TokenReference(string Name, string Uid);
