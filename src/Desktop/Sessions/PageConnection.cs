using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Sealos.Desktop.Sessions;

/// <summary>Tells a page when its browser is back after a break, so that what was said into the void is said again.</summary>
internal sealed class PageConnection : CircuitHandler
{
    public event Action? Restored;

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Restored?.Invoke();
        return Task.CompletedTask;
    }
}
