using System.Text.Json;
using System.Text.Json.Serialization;
using Sealos.Host.Configuration;

namespace Sealos.Host.Running;

/// <summary>What one component of a process is doing.</summary>
/// <param name="Name">Such as <c>api-server</c>.</param>
/// <param name="State"><c>waiting</c>, <c>starting</c>, <c>running</c>, <c>failed</c> or <c>stopped</c>.</param>
/// <param name="Since">When it entered the state.</param>
/// <param name="Message">Why it failed, or empty.</param>
public sealed record ComponentState(string Name, string State, DateTimeOffset Since, string Message);

/// <summary>What a process says of itself in its status file.</summary>
public sealed record ProcessReport(int Pid, DateTimeOffset Started, string Version, IReadOnlyList<ComponentState> Components);

/// <summary>Keeps the status file of a process: rewritten whole at each change, so that <c>status</c> and <c>up</c> only read a file.</summary>
public sealed class ComponentBoard
{
    private const int MostBytes = 256 << 10;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly List<ComponentState> _states = [];
    private readonly DateTimeOffset _started;

    /// <summary>A board for this process; <paramref name="names"/> are its components in start order.</summary>
    public ComponentBoard(string path, IEnumerable<string> names, TimeProvider time)
    {
        _path = path;
        _time = time;
        _started = time.GetUtcNow();
        _states.AddRange(names.Select(n => new ComponentState(n, "waiting", _started, "")));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Save();
    }

    /// <summary>Moves a component to a state; one that is new stands last.</summary>
    public void Set(string name, string state, string message = "")
    {
        lock (_lock)
        {
            var index = _states.FindIndex(s => s.Name == name);
            var now = new ComponentState(name, state, _time.GetUtcNow(), message);
            if (index < 0)
            {
                _states.Add(now);
            }
            else if (_states[index] is var old && old.State == state && old.Message == message)
            {
                return;
            }
            else
            {
                _states[index] = now;
            }

            Save();
        }
    }

    /// <summary>A component is no longer one of this process.</summary>
    public void Remove(string name)
    {
        lock (_lock)
        {
            if (_states.RemoveAll(s => s.Name == name) > 0)
            {
                Save();
            }
        }
    }

    /// <summary>The state of a component, or null when it is not one of this process.</summary>
    public ComponentState? Find(string name)
    {
        lock (_lock)
        {
            return _states.Find(s => s.Name == name);
        }
    }

    /// <summary>Reads the report a process wrote, or null when there is none. The edge owns the folder of its own, and may have put anything there.</summary>
    public static ProcessReport? Read(string path)
    {
        try
        {
            return UntrustedFile.Read(path, MostBytes) is { } text && JsonSerializer.Deserialize(text, ComponentBoardContext.Default.ProcessReport) is { } report && IsWhole(report) ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // JSON may say null where the types do not.
    private static bool IsWhole(ProcessReport report) =>
        report.Components is { } components && components.All(c => c is { Name: not null, State: not null, Message: not null });

    private void Save()
    {
        var report = new ProcessReport(Environment.ProcessId, _started, ProductVersion.Text, _states);
        AtomicFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(report, ComponentBoardContext.Default.ProcessReport), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProcessReport))]
internal sealed partial class ComponentBoardContext : JsonSerializerContext;
