using System.Globalization;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Node.StaticPods;

namespace Sealos.Node.Tests.StaticPods;

/// <summary>Mirrors of static pods, in memory.</summary>
internal sealed class FakeMirrors : IMirrors
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Pod> _pods = [];
    private int _version;

    /// <summary>Called before each write of a status.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Puts a mirror there as somebody else would.</summary>
    public void Put(Pod mirror)
    {
        lock (_lock)
        {
            var copy = KubeJson.Clone(mirror);
            copy.Metadata.ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture);
            copy.Metadata.Uid ??= $"mirror-{_version}";
            _pods[mirror.Name] = copy;
        }
    }

    public Pod? Find(string name)
    {
        lock (_lock)
        {
            return _pods.GetValueOrDefault(name) is { } pod ? KubeJson.Clone(pod) : null;
        }
    }

    public void Remove(string name)
    {
        lock (_lock)
        {
            _pods.Remove(name);
        }
    }

    public IReadOnlyList<Pod> List()
    {
        lock (_lock)
        {
            return [.. _pods.Values];
        }
    }

    public Task<Pod?> FindAsync(string ns, string name, CancellationToken ct) => Task.FromResult(Find(name));

    public Task<Pod> CreateAsync(Pod mirror, CancellationToken ct)
    {
        Put(mirror);
        return Task.FromResult(Find(mirror.Name)!);
    }

    public Task<Pod> UpdateStatusAsync(Pod mirror, CancellationToken ct)
    {
        BeforeWrite?.Invoke();
        lock (_lock)
        {
            if (_pods.GetValueOrDefault(mirror.Name)?.Metadata.ResourceVersion != mirror.Metadata.ResourceVersion)
            {
                throw new ApiException(409, "Conflict", "changed meanwhile");
            }
        }

        Put(mirror);
        return Task.FromResult(Find(mirror.Name)!);
    }

    public Task DeleteAsync(Pod mirror, CancellationToken ct)
    {
        lock (_lock)
        {
            if (_pods.GetValueOrDefault(mirror.Name)?.Metadata.Uid == mirror.Metadata.Uid)
            {
                _pods.Remove(mirror.Name);
            }
        }

        return Task.CompletedTask;
    }
}
