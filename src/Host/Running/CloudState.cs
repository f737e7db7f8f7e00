using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Host.Configuration;
using Sealos.Node.Containerd;
using Sealos.Node.Processes;

namespace Sealos.Host.Running;

/// <summary>A row of the status table.</summary>
/// <param name="Name">The component.</param>
/// <param name="Process">The process it lives in.</param>
/// <param name="State">As on the board, or <c>stopped</c> when its process is gone.</param>
/// <param name="Since">When it entered the state; null when it never did.</param>
/// <param name="Message">Why it failed, or empty.</param>
public sealed record ComponentRow(string Name, string Process, string State, DateTimeOffset? Since, string Message);

/// <summary>A process of the cloud and its memory.</summary>
public sealed record ProcessRow(string Name, int? Pid, long Resident, long Anonymous);

/// <summary>What runs of a cloud right now, read from pid files, status files and /proc.</summary>
public sealed class CloudState
{
    private CloudState(IReadOnlyList<ProcessRow> processes, IReadOnlyList<ComponentRow> components)
    {
        Processes = processes;
        Components = components;
    }

    /// <summary>The cloud's processes.</summary>
    public IReadOnlyList<ProcessRow> Processes { get; }

    /// <summary>Every component.</summary>
    public IReadOnlyList<ComponentRow> Components { get; }

    /// <summary>Whether the server's process is there at all.</summary>
    public bool IsRunning => Processes[0].Pid is not null;

    /// <summary>Whether every component runs.</summary>
    public bool IsHealthy => Components.Count > 0 && Components.All(c => c.State == "running");

    /// <summary>Looks at a cloud.</summary>
    public static CloudState Read(CloudOptions options, TimeProvider time)
    {
        var paths = new CloudPaths(options);
        var processes = new List<ProcessRow>();
        var components = new List<ComponentRow>();
        var isEdgeWanted = false;
        foreach (var (name, pid, statusFile) in new[]
        {
            ("server", new Daemon("server", paths.ServerPid).FindPid(), paths.ServerStatus),
            ("edge", new Daemon("edge", paths.EdgePid).FindPid(), paths.EdgeStatus),
            ("containerd", Containerd(options, time), null),
        })
        {
            var (resident, anonymous) = pid is { } id ? Daemon.Memory(id) : default;
            processes.Add(new ProcessRow(name, pid, resident, anonymous));
            if (statusFile is null)
            {
                // The server's own component of that name says how it is; here only its memory counts.
                continue;
            }

            var report = ComponentBoard.Read(statusFile);
            if (name == EdgeSupervisor.Name && !isEdgeWanted)
            {
                // Nothing is to run there: every component of it was removed.
                continue;
            }

            if (name == "server")
            {
                isEdgeWanted = report?.Components.Any(c => c.Name == EdgeSupervisor.Name) ?? false;
            }

            if (report is null)
            {
                components.Add(new ComponentRow(name, name, pid is null ? "stopped" : "starting", null, ""));
                continue;
            }

            // A process that ended because a component failed has left the reason, which its log may have had no room for.
            components.AddRange(report.Components.Select(c => pid == report.Pid || (pid is null && c.State == "failed")
                ? new ComponentRow(c.Name, name, c.State, c.Since, c.Message)
                : new ComponentRow(c.Name, name, "stopped", null, "")));
        }

        return new CloudState(processes, components);
    }

    private static int? Containerd(CloudOptions options, TimeProvider time) =>
        new ContainerdDaemon(new RoomOptions(options).Node, time, NullLogger<ContainerdDaemon>.Instance).FindProcess();
}
