namespace Sealos.Host.Components;

/// <summary>What a person must know of a component before they add or remove it.</summary>
/// <param name="Name">As commands name it; its object in the API has the same name.</param>
/// <param name="Process">The process it lives in: <see cref="Server"/> or <see cref="Edge"/>.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Without">What no longer works without it, and what goes on.</param>
public sealed record ComponentInfo(string Name, string Process, string Description, string Without)
{
    /// <summary>The process that holds the kernel.</summary>
    public const string Server = "server";

    /// <summary>The unprivileged process that meets strangers.</summary>
    public const string Edge = "edge";

    /// <summary>The label of objects that a component has made for itself; only such are deleted with it.</summary>
    public const string Label = "system.sealos.io/component";

    /// <summary>The components it needs, which stand before it in the catalog.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Objects of people's that mean nothing without it; they stay whatever happens.</summary>
    public IReadOnlyList<ComponentUse> UsedBy { get; init; } = [];

    /// <summary>Paths of the objects that it has made for itself, deleted with it unless they are to stay.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];

    /// <summary>Whether it belongs to Kubernetes itself rather than to the services above it.</summary>
    public bool IsOfKernel { get; init; }

    /// <summary>Whether a new cloud has it.</summary>
    public bool IsOnByDefault { get; init; } = true;
}
