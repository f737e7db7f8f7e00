using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Sealos.Desktop.Sessions;

/// <summary>Bounds how many pages are open at once, so that the desktop cannot take the memory that apps' traffic needs.</summary>
internal sealed class CircuitLimit(DesktopOptions options) : CircuitHandler
{
    private int _open;

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _open) <= options.MaxCircuits)
        {
            return Task.CompletedTask;
        }

        throw new InvalidOperationException($"more than {options.MaxCircuits} pages are open");
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Interlocked.Decrement(ref _open);
        return Task.CompletedTask;
    }
}
