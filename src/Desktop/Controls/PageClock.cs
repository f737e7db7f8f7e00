namespace Sealos.Desktop.Controls;

/// <summary>One clock for all the ages on a page.</summary>
internal sealed class PageClock : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public PageClock(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Ticked?.Invoke(), null, Interval, Interval);
    }

    public event Action? Ticked;

    public DateTimeOffset Now => _time.GetUtcNow();

    public void Dispose() => _timer.Dispose();
}
