namespace Sealos.OsServices.Apps;

/// <summary>
/// An app as a person describes it. It is the whole of the launchpad's knowledge: <see cref="AppObjects"/> turns it into
/// Kubernetes objects and <see cref="AppReader"/> turns objects back, so nothing is hidden and kubectl's changes show.
/// </summary>
public sealed record AppForm
{
    /// <summary>Lower-case letters, digits and hyphens, a letter first, at most 25 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The image as typed.</summary>
    public required string Image { get; init; }

    /// <summary>Replaces the image's entry point; empty keeps it.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Replaces the image's arguments; empty keeps them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>How many instances run, 0 to 20.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>CPU limit of an instance, a quantity of cores; a hundredth of it is reserved.</summary>
    public string Cpu { get; init; } = "200m";

    /// <summary>Memory limit of an instance, a quantity of bytes; a tenth of it is reserved.</summary>
    public string Memory { get; init; } = "256Mi";

    /// <summary>Environment, in order.</summary>
    public IReadOnlyList<AppVariable> Environment { get; init; } = [];

    /// <summary>Ports the app listens on.</summary>
    public IReadOnlyList<AppPort> Ports { get; init; } = [];
}

/// <summary>A variable of the environment.</summary>
public sealed record AppVariable(string Name, string Value);

/// <summary>A port of an app.</summary>
public sealed record AppPort
{
    /// <summary>1 to 65535.</summary>
    public required int Number { get; init; }

    /// <summary>Whether it is reached from outside under an address of its own.</summary>
    public bool IsPublic { get; init; }

    /// <summary>The name the port, and for a public one its Ingress, carries; chosen when the app is first made.</summary>
    public string? NetworkName { get; init; }

    /// <summary>The first label of the public address; chosen when the app is first made.</summary>
    public string? HostPrefix { get; init; }

    /// <summary>The public host; known for an app that exists.</summary>
    public string? Host { get; init; }
}
