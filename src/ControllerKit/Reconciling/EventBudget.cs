using Sealos.Kinds.Core;

namespace Sealos.ControllerKit.Reconciling;

/// <summary>
/// How many events of one reason one recorder writes about one object: 25 at once, then one in five minutes, as Kubernetes' clients
/// limit it, but by reason, so that what goes wrong every second hides nothing else. Such an object must not cost the store a write every second.
/// </summary>
internal sealed class EventBudget(TimeProvider time)
{
    private const double Burst = 25;
    private const int Remembered = 4096;
    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(string?, string?, string?, string?, string?), (double Left, DateTimeOffset At)> _left = [];

    /// <summary>Takes one event from the object's budget for the reason; false when nothing is left of it.</summary>
    public bool TrySpend(ObjectReference about, string? reason)
    {
        var now = time.GetUtcNow();
        var key = (about.Kind, about.Namespace, about.Name, about.Uid, reason);
        var left = _left.TryGetValue(key, out var known) ? Math.Min(Burst, known.Left + Math.Max(0, (now - known.At) / Refill)) : Burst;
        if (left < 1)
        {
            return false;
        }

        if (_left.Count >= Remembered && !_left.ContainsKey(key))
        {
            Forget(now);
        }

        _left[key] = (left - 1, now);
        return true;
    }

    // First those whose budget is whole again; a crowd of others starts anew.
    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, known) in _left.Where(l => l.Value.Left + ((now - l.Value.At) / Refill) >= Burst).ToList())
        {
            _left.Remove(key);
        }

        if (_left.Count > Remembered / 2)
        {
            _left.Clear();
        }
    }
}
