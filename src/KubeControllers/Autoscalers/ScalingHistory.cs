using Sealos.Kinds.AutoscalingV2;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>
/// What an autoscaler has recommended and done lately; what is too old to count is dropped. Used by one worker at a time.
/// </summary>
internal sealed class ScalingHistory
{
    private static readonly TimeSpan LongestWindow = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMinutes(30);

    private readonly List<(int Replicas, DateTimeOffset At)> _recommendations = [];
    private readonly List<(int Change, DateTimeOffset At)> _changes = [];

    /// <summary>Begins with the size as it is, so that nothing shrinks at once after a restart.</summary>
    public void Begin(int current, DateTimeOffset now)
    {
        if (_recommendations.Count == 0)
        {
            _recommendations.Add((current, now));
        }
    }

    public void Recommend(int replicas, DateTimeOffset now)
    {
        _recommendations.RemoveAll(r => r.At < now - LongestWindow);
        _recommendations.Add((replicas, now));
    }

    /// <summary>Remembers a change of size.</summary>
    public void Changed(int before, int after, DateTimeOffset now)
    {
        _changes.RemoveAll(c => c.At < now - LongestPeriod);
        _changes.Add((after - before, now));
    }

    public int Highest(int replicas, TimeSpan window, DateTimeOffset now) => Since(window, now).Append(replicas).Max();

    public int Lowest(int replicas, TimeSpan window, DateTimeOffset now) => Since(window, now).Append(replicas).Min();

    /// <summary>The size that a policy's period began with.</summary>
    public int AtStart(HPAScalingPolicy policy, int current, DateTimeOffset now)
    {
        var start = now - TimeSpan.FromSeconds(policy.PeriodSeconds ?? 0);
        return current - _changes.Where(c => c.At > start).Sum(c => c.Change);
    }

    private IEnumerable<int> Since(TimeSpan window, DateTimeOffset now) => _recommendations.Where(r => r.At > now - window).Select(r => r.Replicas);
}
