namespace Sealos.Network.Dns;

/// <summary>
/// Whether the servers outside are silent. While they are, clients are told at once instead of after their patience. A client's
/// question that stays open only raises the suspicion, for its name's own servers may be the dead ones, and its client may mean
/// it to: a question of our own decides, and ends it. One lost packet is no outage.
/// </summary>
/// <param name="probeAsync">Asks the servers a question of our own; true when one answers.</param>
/// <param name="interval">The time between two such questions.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Ends the asking.</param>
internal sealed class Outage(Func<CancellationToken, Task<bool>> probeAsync, TimeSpan interval, TimeProvider time, CancellationToken stopping)
{
    private const int Patience = 2;

    private readonly Lock _lock = new();
    private int _unanswered;
    private bool _isProbing;
    private long _passed;

    /// <summary>Raised with true when it begins, with false when it is over.</summary>
    public event Action<bool>? Changed;

    /// <summary>Whether it lasts.</summary>
    public bool IsOn
    {
        get
        {
            lock (_lock)
            {
                return _unanswered >= Patience;
            }
        }
    }

    /// <summary>Whether a client's question may go out all the same, now and then: there are servers that answer names, but not ours.</summary>
    public bool MayPass()
    {
        lock (_lock)
        {
            if (_passed != 0 && time.GetElapsedTime(_passed) < interval)
            {
                return false;
            }

            _passed = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>A client's question had no answer: finds out in the background whether any has.</summary>
    public void Suspect()
    {
        lock (_lock)
        {
            if (_isProbing || stopping.IsCancellationRequested)
            {
                return;
            }

            _isProbing = true;
        }

        _ = ProbeAsync(stopping);
    }

    /// <summary>A server answered a question, whosever it was.</summary>
    public void Answered() => Note(isAnswered: true);

    private async Task ProbeAsync(CancellationToken ct)
    {
        do
        {
            var isAnswered = await probeAsync(ct).ConfigureAwait(false);
            if (ct.IsCancellationRequested)
            {
                return;
            }

            Note(isAnswered);

            // After an answer too: however many dead names are asked for, this is how often they cost a question more.
            await Task.Delay(interval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (IsProbeNeeded());
    }

    private bool IsProbeNeeded()
    {
        lock (_lock)
        {
            return _isProbing = _unanswered > 0;
        }
    }

    private void Note(bool isAnswered)
    {
        bool isChanged;
        lock (_lock)
        {
            isChanged = isAnswered ? _unanswered >= Patience : _unanswered == Patience - 1;
            _unanswered = isAnswered ? 0 : Math.Min(_unanswered + 1, Patience);
        }

        if (isChanged)
        {
            Changed?.Invoke(!isAnswered);
        }
    }
}
