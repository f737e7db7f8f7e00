namespace Sealos.Node.Access;

/// <summary>Who calls the node's HTTPS server.</summary>
internal sealed record Caller(string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, List<string>> Extra)
{
    /// <summary>One whom nobody else need be asked about: the API server, or the operator.</summary>
    public bool IsTrusted { get; init; }
}

/// <summary>Something a caller wants of the node, as the API's rules name it: one of several subresources of the node will do.</summary>
internal sealed record Wish(string Verb, IReadOnlyList<string> Subresources);

/// <summary>What the API says about callers; tests put a fake in its place.</summary>
internal interface IReviews
{
    /// <summary>Whose token it is, or null when it is nobody's.</summary>
    Task<Caller?> FindAsync(string token, CancellationToken ct);

    /// <summary>Whether somebody may do something with a subresource of this node.</summary>
    Task<bool> MayAsync(Caller caller, string verb, string subresource, CancellationToken ct);
}
