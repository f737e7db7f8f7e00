using Microsoft.Extensions.Hosting;

namespace Sealos.Host.Components;

/// <summary>What a process does for a component. Stopping and starting it must leave all others as they are.</summary>
/// <param name="Info">What people are told of it.</param>
internal sealed record RemovableComponent(ComponentInfo Info)
{
    /// <summary>Makes its service, anew each time it is added; disposed after it has stopped. Null where it runs in another process.</summary>
    public Func<IHostedService>? Create { get; init; }

    /// <summary>Whether what it needs of the kernel runs; until then its start waits. Null when it needs nothing that is not there already.</summary>
    public Func<bool>? CanStart { get; init; }

    /// <summary>Makes the objects it has in the API, labelled <see cref="ComponentInfo.Label"/>; called by the server before it starts, at each start.</summary>
    public Func<CancellationToken, Task>? PrepareAsync { get; init; }

    /// <summary>Takes away what <see cref="ComponentInfo.Objects"/> does not name; called by the server after it was removed, perhaps more than once. Told whether its objects are to stay.</summary>
    public Func<bool, CancellationToken, Task>? CleanAsync { get; init; }
}
