namespace Sealos.ApiServer.Audit;

/// <summary>How many requests of strangers the audit log still takes: so many at once, and then so many each second.</summary>
internal sealed class AuditBudget(TimeProvider time)
{
    public const int Burst = 200;
    public const int PerSecond = 5;

    private readonly Lock _gate = new();
    private double _left = Burst;
    private long _filled = time.GetTimestamp();

    /// <summary>Takes one of what is left; false when nothing is.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(Burst, _left + (time.GetElapsedTime(_filled, now).TotalSeconds * PerSecond));
            _filled = now;
            if (_left < 1)
            {
                return false;
            }

            _left--;
            return true;
        }
    }
}
