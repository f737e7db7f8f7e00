using Sealos.ControllerKit.Caching;

namespace Sealos.Host.Components;

/// <summary>
/// What is wanted, as the API last said. An object that was deleted counts as it was: losing it, or the definition of its kind, must
/// not change what runs.
/// </summary>
internal sealed class ComponentWishes : IDisposable
{
    private readonly IReadOnlyList<ComponentInfo> _catalog;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, bool> _enabled = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly IDisposable _following;

    public ComponentWishes(IReadOnlyList<ComponentInfo> catalog, Informer<CloudComponent> objects)
    {
        _catalog = catalog;
        _following = objects.OnChange((old, now) => Apply(old, now));
    }

    /// <summary>Names of what has to run.</summary>
    public HashSet<string> Wanted()
    {
        lock (_lock)
        {
            return ComponentGraph.Wanted(_catalog, c => _enabled.GetValueOrDefault(c.Name));
        }
    }

    /// <summary>Whether a component is wanted for itself.</summary>
    public bool IsEnabled(string name) => Find(name) == true;

    /// <summary>What is known of a component's being wanted for itself; null when nothing.</summary>
    public bool? Find(string name)
    {
        lock (_lock)
        {
            return _enabled.TryGetValue(name, out var isEnabled) ? isEnabled : null;
        }
    }

    /// <summary>Takes something as wanted, or not, until the API says otherwise.</summary>
    public void Assume(string name, bool isEnabled)
    {
        lock (_lock)
        {
            _enabled.TryAdd(name, isEnabled);
        }
    }

    /// <summary>Completes with true when something has changed, or after <paramref name="patience"/>.</summary>
    public Task<bool> WaitAsync(TimeSpan patience, CancellationToken ct) => _changed.WaitAsync(patience, ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        _following.Dispose();
        _changed.Dispose();
    }

    private void Apply(CloudComponent? old, CloudComponent? now)
    {
        lock (_lock)
        {
            if (now is not null)
            {
                _enabled[now.Metadata.Name!] = now.Spec?.Enabled == true;
            }

            // What only changes the status is somebody's report.
            if ((now is null || old?.Metadata.Generation != now.Metadata.Generation) && _changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }
}
