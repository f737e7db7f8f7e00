namespace Sealos.OsServices.Workspaces;

/// <summary>One after the other for each key, so that who counts and then adds does not count too little.</summary>
internal sealed class Turns : IDisposable
{
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Waits for the key's turn; disposing what is returned ends it.</summary>
    public async Task<IDisposable> TakeAsync(string key, CancellationToken ct)
    {
        var gate = _gates[(uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)_gates.Length];
        await gate.WaitAsync(ct).ConfigureAwait(false);
        return new Turn(gate);
    }

    public void Dispose()
    {
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
