namespace Sealos.Network.Dns;

/// <summary>
/// Whether the servers outside are silent. While they are, clients are told at once instead of after their patience, and one
/// question now and then finds out whether that is still so. One lost packet is no outage.
/// </summary>
internal sealed class Outage(TimeProvider time)
{
    private const int Patience = 3;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private int _unanswered;
    private long _probed;

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

    /// <summary>Whether a question should be sent to find out, though nobody waits for its answer.</summary>
    public bool MayProbe()
    {
        lock (_lock)
        {
            if (_probed != 0 && time.GetElapsedTime(_probed) < ProbeInterval)
            {
                return false;
            }

            _probed = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>Notes what became of a question.</summary>
    public void Note(bool isAnswered)
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
