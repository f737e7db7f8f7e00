namespace Sealos.Cli.Contexts;

/// <summary>A cloud that somebody is signed in to, and the workspace they work in.</summary>
internal sealed record CloudContext
{
    public required string Name { get; init; }

    /// <summary>The address of its console.</summary>
    public required Uri Url { get; init; }

    public required string User { get; init; }

    /// <summary>The session's token.</summary>
    public required string Token { get; init; }

    public DateTimeOffset? Expires { get; init; }

    /// <summary>PEM of the authority that the cloud's certificate must be of; null where the system's authorities vouch for it.</summary>
    public string? Authority { get; init; }

    /// <summary>Where its Kubernetes API is, and PEM of that one's authority.</summary>
    public Uri? ApiServer { get; init; }

    public string? ApiAuthority { get; init; }

    /// <summary>The namespace of the workspace that commands are about.</summary>
    public required string Workspace { get; init; }
}

/// <summary>All contexts of a person, as they are kept in a file.</summary>
internal sealed record CloudContexts
{
    /// <summary>The name of the one that commands use.</summary>
    public string? Current { get; init; }

    public IReadOnlyList<CloudContext> Contexts { get; init; } = [];

    public CloudContext? Find(string? name) => name is null ? null : Contexts.FirstOrDefault(c => c.Name == name);

    /// <summary>The same with a context put in or replaced, and made the current one.</summary>
    public CloudContexts With(CloudContext context) => new() { Current = context.Name, Contexts = [.. Contexts.Where(c => c.Name != context.Name), context] };

    /// <summary>The same without a context.</summary>
    public CloudContexts Without(string name) => new() { Current = Current == name ? null : Current, Contexts = [.. Contexts.Where(c => c.Name != name)] };
}
