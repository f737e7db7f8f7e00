using System.Threading.RateLimiting;

namespace Sealos.OsServices.Access;

/// <summary>How often one caller, or one network, may ask.</summary>
internal sealed class CallerLimits : IDisposable
{
    private readonly PartitionedRateLimiter<string> _networks = Create(300, 60);
    private readonly PartitionedRateLimiter<string> _callers = Create(120, 30);

    /// <summary>Whether a request from a network may go on. What comes from the machine itself bears none, and is limited where it comes in.</summary>
    public bool Admits(string network) => network.Length == 0 || _networks.AttemptAcquire(network).IsAcquired;

    public bool Admits(Caller caller) => _callers.AttemptAcquire(caller.User).IsAcquired;

    public void Dispose()
    {
        _networks.Dispose();
        _callers.Dispose();
    }

    private static PartitionedRateLimiter<string> Create(int burst, int perSecond) => PartitionedRateLimiter.Create<string, string>(who =>
        RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));
}
