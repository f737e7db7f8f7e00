using System.Runtime.InteropServices;

namespace Sealos.Host.Running;

/// <summary>Turns SIGTERM and SIGINT into a cancelled token, so that a process stops in order.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration[] _registrations;
    private bool _isDisposed;

    public StopSignal(CancellationToken ct)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Token = _stop.Token;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle)];
    }

    public CancellationToken Token { get; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        lock (_lock)
        {
            _isDisposed = true;
            _stop.Dispose();
        }
    }

    /// <summary>Stops, once; whoever comes too late finds that it has stopped already.</summary>
    internal void Stop()
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                // Not on this thread: who waits for the token would stop, and dispose of this, on the thread that brings the signal.
                _ = _stop.CancelAsync();
            }
        }
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        Stop();
    }
}
