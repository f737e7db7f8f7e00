
namespace Sealos.Network.Gateway.Routing;

/// <summary>Why a backend has no instance to send a request to.</summary>
internal enum BackendLack
{
    None,

    /// <summary>The Service does not exist, or has no such port.</summary>
    Missing,

    /// <summary>The Service is there and none of its instances is ready.</summary>
    NotReady,

    /// <summary>The Service points at a name or address outside the cloud, which is never followed.</summary>
    Foreign,
}

/// <summary>One instance of an app; lives as long as its address stays in the Service, so that what was learnt of it stays too.</summary>
internal sealed class Instance(string authority)
{
    private long _restingUntil;

    /// <summary>Address and port as a URI writes them.</summary>
    public string Authority { get; } = authority;

    /// <summary>A refused connection rests the instance for a moment: others are tried first.</summary>
    public void Rest(TimeProvider time) =>
        Volatile.Write(ref _restingUntil, time.GetTimestamp() + (2 * time.TimestampFrequency));

    public bool IsResting(TimeProvider time) => Volatile.Read(ref _restingUntil) > time.GetTimestamp();
}

/// <summary>The instances of a Service's port at one moment.</summary>
internal sealed record BackendState(Instance[] Instances, BackendLack Lack, string? AppProtocol)
{
    public static readonly BackendState Missing = new([], BackendLack.Missing, null);
}

/// <summary>The port of a Service as an ingress names it: by number or by name.</summary>
internal readonly record struct BackendKey(string Namespace, string Service, int PortNumber, string? PortName);

/// <summary>A Service's port behind one or more routes; its state is swapped whole when instances come and go.</summary>
internal sealed class Backend(BackendKey key)
{
    private volatile BackendState _state = BackendState.Missing;
    private uint _next;

    public BackendKey Key { get; } = key;

    public BackendState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>How many routes lead here; guarded by the table's lock.</summary>
    public int References { get; set; }

    /// <summary>The next instance in turn, one that rests or was tried already only when there is no other.</summary>
    public Instance? Pick(Instance? tried, TimeProvider time)
    {
        var instances = _state.Instances;
        Instance? resting = null;
        var start = Interlocked.Increment(ref _next);
        for (var i = 0; i < instances.Length; i++)
        {
            var instance = instances[(int)((start + (uint)i) % (uint)instances.Length)];
            if (ReferenceEquals(instance, tried))
            {
                continue;
            }

            if (!instance.IsResting(time))
            {
                return instance;
            }

            resting ??= instance;
        }

        return resting;
    }

    /// <summary>A backend that never changes, such as the console.</summary>
    public static Backend Fixed(string name, string authority) =>
        new(new BackendKey("", name, 0, null)) { State = new BackendState([new Instance(authority)], BackendLack.None, null) };
}
