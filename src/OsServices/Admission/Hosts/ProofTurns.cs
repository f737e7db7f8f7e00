using System.Collections.Concurrent;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>
/// Whose proof is looked for next: of each workspace one at a time, so that whoever asks for a thousand hosts waits for oneself, and a few
/// may wait, as each holds up a request.
/// </summary>
internal sealed class ProofTurns
{
    /// <summary>How many of one workspace may wait, besides the one that is looked for.</summary>
    public const int MostWaiting = 8;

    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Waits for the workspace's turn; disposing what is returned ends it. Null when too many of it wait.</summary>
    public async Task<IDisposable?> TakeAsync(string workspace, CancellationToken ct)
    {
        var line = Enter(workspace);
        if (line is null)
        {
            return null;
        }

        try
        {
            await line.Gate.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Leave(workspace, line);
            throw;
        }

        return new Turn(this, workspace, line);
    }

    private Line? Enter(string workspace)
    {
        while (true)
        {
            var line = _lines.GetOrAdd(workspace, _ => new Line());
            lock (line)
            {
                if (line.IsOver)
                {
                    continue;
                }

                if (line.Count > MostWaiting)
                {
                    return null;
                }

                line.Count++;
                return line;
            }
        }
    }

    private void Leave(string workspace, Line line)
    {
        lock (line)
        {
            if (--line.Count == 0)
            {
                line.IsOver = true;
                _lines.TryRemove(workspace, out _);
                line.Gate.Dispose();
            }
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Count { get; set; }

        public bool IsOver { get; set; }
    }

    private sealed class Turn(ProofTurns turns, string workspace, Line line) : IDisposable
    {
        public void Dispose()
        {
            line.Gate.Release();
            turns.Leave(workspace, line);
        }
    }
}
