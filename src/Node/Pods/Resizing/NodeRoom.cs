namespace Sealos.Node.Pods.Resizing;

/// <summary>What a pod has been given of the node: thousandths of a processor and bytes of memory.</summary>
internal readonly record struct PodRoom(long MilliCpu, long Memory);

/// <summary>What may become of a resize: null when it fits, else what the pod's status says of it, and why.</summary>
internal sealed record ResizeRefusal(string Status, string Message);

/// <summary>
/// Keeps account of what the pods of this node have been given, so that two that grow at once do not both get the last of it.
/// </summary>
/// <param name="capacity">What pods may have together.</param>
internal sealed class NodeRoom(PodRoom capacity)
{
    public const string Deferred = "Deferred";
    public const string Infeasible = "Infeasible";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodRoom> _given = new(StringComparer.Ordinal);
    private PodRoom _total;

    /// <summary>Takes note of what a pod has, whether or not there is room for it.</summary>
    public void Give(string uid, PodRoom room)
    {
        lock (_lock)
        {
            Replace(uid, room);
        }
    }

    /// <summary>Gives a pod what it asks for in place of what it has, if there is room.</summary>
    public ResizeRefusal? TryGive(string uid, PodRoom room)
    {
        lock (_lock)
        {
            var had = _given.GetValueOrDefault(uid);
            if (Find(room.Memory, had.Memory, _total.Memory, capacity.Memory, "memory") is { } memory)
            {
                return memory;
            }

            if (Find(room.MilliCpu, had.MilliCpu, _total.MilliCpu, capacity.MilliCpu, "cpu") is { } cpu)
            {
                return cpu;
            }

            Replace(uid, room);
            return null;
        }
    }

    /// <summary>The pod takes nothing any more.</summary>
    public void Release(string uid)
    {
        lock (_lock)
        {
            if (_given.Remove(uid, out var had))
            {
                _total = new PodRoom(_total.MilliCpu - had.MilliCpu, _total.Memory - had.Memory);
            }
        }
    }

    // Whoever does not ask for more than before takes nothing from anybody, however full the node is.
    private static ResizeRefusal? Find(long wanted, long had, long total, long capacity, string resource) =>
        wanted > capacity ? new ResizeRefusal(Infeasible, $"Node didn't have enough capacity: {resource}, requested: {wanted}, capacity: {capacity}")
            : wanted > had && total - had + wanted > capacity ? new ResizeRefusal(Deferred, $"Node didn't have enough resource: {resource}, requested: {wanted}, used: {total - had}, capacity: {capacity}")
            : null;

    private void Replace(string uid, PodRoom room)
    {
        var had = _given.GetValueOrDefault(uid);
        _given[uid] = room;
        _total = new PodRoom(_total.MilliCpu - had.MilliCpu + room.MilliCpu, _total.Memory - had.Memory + room.Memory);
    }
}
