using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Host.Running;
using Sealos.Kinds;
using Sealos.Node.Processes;

namespace Sealos.Host.Components;

/// <summary>What a component does at this moment.</summary>
/// <param name="State">As its status says it.</param>
/// <param name="Since">Since when, where that is known.</param>
/// <param name="Message">Why it failed, or empty.</param>
/// <param name="IsFinal">Whether it is where it is wanted, or will not get there without somebody's help.</param>
internal sealed record ComponentNow(string State, DateTimeOffset? Since, string Message, bool IsFinal);

/// <summary>Finds out what components do, from the boards of both processes, and writes it as their status.</summary>
internal sealed class ComponentReports(IReadOnlyList<ComponentInfo> catalog, ComponentBoard board, EdgeSupervisor edge, TimeProvider time)
{
    public const string Running = "running";
    public const string Removed = "removed";
    public const string Failed = "failed";

    // A status is written anew for its process' memory alone only when that has changed by so much.
    private const double Noteworthy = 0.25;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _complaints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _memory = new(StringComparer.Ordinal);

    /// <summary>Notes what is wrong with a component besides its running; null when nothing is.</summary>
    public void Complain(string name, string? reason)
    {
        lock (_lock)
        {
            if (reason is null)
            {
                _complaints.Remove(name);
            }
            else
            {
                _complaints[name] = reason;
            }
        }
    }

    /// <summary>What a component does now.</summary>
    public ComponentNow StateOf(ComponentInfo info, bool isWanted)
    {
        var found = info.Process == ComponentInfo.Server ? board.Find(info.Name) : edge.Report?.Components.FirstOrDefault(c => c.Name == info.Name);
        if (!isWanted)
        {
            return found is null ? new ComponentNow(Removed, null, "", true) : new ComponentNow("stopping", found.Since, "", false);
        }

        string? complaint;
        lock (_lock)
        {
            complaint = _complaints.GetValueOrDefault(info.Name);
        }

        return found switch
        {
            null when info.Process == ComponentInfo.Edge && board.Find(EdgeSupervisor.Name) is { State: Failed } edgeNow => new ComponentNow(Failed, edgeNow.Since, edgeNow.Message, true),
            null => new ComponentNow("starting", null, "", false),
            { State: Running } when complaint is not null => new ComponentNow(Failed, found.Since, complaint, true),
            { State: Running or Failed } => new ComponentNow(found.State, found.Since, found.Message, true),
            _ => new ComponentNow(found.State, found.Since, found.Message, found.State == "waiting"),
        };
    }

    /// <summary>The status to write, or null when the one that is known says it all.</summary>
    public JsonObject? Change(ComponentInfo info, CloudComponent known, ComponentNow now, bool isEnabled)
    {
        var memory = info.Process == ComponentInfo.Server ? Daemon.Memory(Environment.ProcessId).Anonymous : edge.Memory;
        var hasChanged = known.Status?.State != now.State;
        var isRemoved = now.State == Removed;
        var status = new CloudComponentStatus
        {
            State = now.State,
            Since = hasChanged ? now.Since ?? time.GetUtcNow() : known.Status!.Since,
            Message = now.Message.Length > 0 ? now.Message : Remark(info, isRemoved, isEnabled),
            ObservedGeneration = known.Metadata.Generation,
            Description = info.Description,
            Without = info.Without,
            Process = info.Process,
            ProcessBytes = isRemoved ? null : memory,
            ReturnedBytes = !isRemoved ? null : hasChanged ? Returned(info.Process, memory) : known.Status!.ReturnedBytes,
            Needs = [.. ComponentGraph.NeedsOf(catalog, info.Name)],
            NeededBy = [.. ComponentGraph.NeededBy(catalog, info.Name)],
            UsedBy = [.. info.UsedBy],
        };
        if (now.IsFinal && !hasChanged)
        {
            _memory[info.Process] = memory;
        }

        if (!hasChanged && IsAbout(known.Status!.ProcessBytes, status.ProcessBytes))
        {
            status.ProcessBytes = known.Status.ProcessBytes;
            if (Text(status) == Text(known.Status))
            {
                return null;
            }
        }

        return Patch(status);
    }

    // What another component of the process took meanwhile cannot be told from it, so that less than nothing is nothing.
    private long? Returned(string process, long now) => _memory.TryGetValue(process, out var before) ? Math.Max(0, before - now) : null;

    private string? Remark(ComponentInfo info, bool isRemoved, bool isEnabled) =>
        isRemoved || isEnabled ? null : $"not enabled itself; runs because it is needed by {string.Join(", ", ComponentGraph.NeededBy(catalog, info.Name))}";

    private static bool IsAbout(long? before, long? now) => (before, now) switch
    {
        (null, null) => true,
        ({ } b, { } n) => Math.Abs(n - b) <= b * Noteworthy,
        _ => false,
    };

    private static string Text(CloudComponentStatus status) => JsonSerializer.Serialize(status, KubeJson.Options);

    /// <summary>A merge patch: what is not said any more is taken away.</summary>
    private static JsonObject Patch(CloudComponentStatus status)
    {
        var patch = (JsonObject)JsonSerializer.SerializeToNode(status, KubeJson.Options)!;
        foreach (var name in (ReadOnlySpan<string>)["message", "processBytes", "returnedBytes"])
        {
            patch.TryAdd(name, null);
        }

        return patch;
    }
}
