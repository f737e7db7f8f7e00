namespace Sealos.Node.Pods.Resizing;

/// <summary>What may become of a resize: null when it fits, else what the pod's status says of it, and why.</summary>
internal sealed record ResizeRefusal(string Status, string Message);

/// <summary>What a pod asks for that the node has not left.</summary>
internal sealed record Shortage(string Resource, long Requested, long Used, long Capacity)
{
    /// <summary>What would have to be given back.</summary>
    public long Missing => Requested - (Capacity - Used);
}

/// <summary>
/// Keeps account of what the pods of this node have been given, so that two that come or grow at once do not both get the last of it.
/// </summary>
/// <param name="capacity">What pods may have together of a resource.</param>
internal sealed class NodeRoom(Func<string, long> capacity)
{
    public const string Deferred = "Deferred";
    public const string Infeasible = "Infeasible";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodRoom> _given = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _total = new(StringComparer.Ordinal);

    /// <summary>Takes note of what a pod has, whether or not there is room for it.</summary>
    public void Give(string uid, PodRoom room)
    {
        lock (_lock)
        {
            Replace(uid, room);
        }
    }

    /// <summary>Gives a pod that has just come what it asks for, if there is room; else says what is short, in Kubernetes' order.</summary>
    public IReadOnlyList<Shortage> TryAdmit(string uid, PodRoom room)
    {
        lock (_lock)
        {
            var shortages = FindShortages(uid, room);
            if (shortages.Count == 0)
            {
                Replace(uid, room);
            }

            return shortages;
        }
    }

    /// <summary>Gives a pod what it asks for whether or not there is room, and says what others have to give back for it.</summary>
    public IReadOnlyList<Shortage> Claim(string uid, PodRoom room)
    {
        lock (_lock)
        {
            var shortages = FindShortages(uid, room);
            Replace(uid, room);
            return shortages;
        }
    }

    /// <summary>Gives a pod what it asks for in place of what it has, if there is room.</summary>
    public ResizeRefusal? TryGive(string uid, PodRoom room)
    {
        lock (_lock)
        {
            var had = _given.GetValueOrDefault(uid);
            foreach (var resource in (string[])["memory", "cpu"])
            {
                if (Find(resource, room.Amount(resource), had.Amount(resource)) is { } refusal)
                {
                    return refusal;
                }
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
            Drop(uid);
        }
    }

    // What is short for a pod; it has nothing afterwards.
    private List<Shortage> FindShortages(string uid, PodRoom room)
    {
        Drop(uid);
        var asked = new[] { PodRoom.Pods, "cpu", "memory" }.Concat((room.Others?.Keys ?? []).OrderBy(n => n != "ephemeral-storage").ThenBy(n => n, StringComparer.Ordinal));
        return [.. asked.Select(n => new Shortage(n, room.Amount(n), Used(n), capacity(n))).Where(s => s.Requested > 0 && s.Missing > 0)];
    }

    // Whoever does not ask for more than before takes nothing from anybody, however full the node is.
    private ResizeRefusal? Find(string resource, long wanted, long had)
    {
        var (all, used) = (capacity(resource), Used(resource) - had);
        return wanted > all ? new ResizeRefusal(Infeasible, $"Node didn't have enough capacity: {resource}, requested: {wanted}, capacity: {all}")
            : wanted > had && used + wanted > all ? new ResizeRefusal(Deferred, $"Node didn't have enough resource: {resource}, requested: {wanted}, used: {used}, capacity: {all}")
            : null;
    }

    private long Used(string resource) => resource == PodRoom.Pods ? _given.Count : _total.GetValueOrDefault(resource);

    private void Replace(string uid, PodRoom room)
    {
        Drop(uid);
        _given[uid] = room;
        Add(room, 1);
    }

    private void Drop(string uid)
    {
        if (_given.Remove(uid, out var had))
        {
            Add(had, -1);
        }
    }

    private void Add(PodRoom room, int sign)
    {
        _total["cpu"] = _total.GetValueOrDefault("cpu") + (sign * room.MilliCpu);
        _total["memory"] = _total.GetValueOrDefault("memory") + (sign * room.Memory);
        foreach (var (name, amount) in room.Others ?? new Dictionary<string, long>())
        {
            _total[name] = _total.GetValueOrDefault(name) + (sign * amount);
        }
    }
}
