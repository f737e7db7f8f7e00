using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.Node.Containerd;
using Sealos.Node.Cri;

namespace Sealos.Node.Gvisor;

/// <summary>
/// Lets containerd reach ports of pods in gVisor, whose loopback only gVisor knows: while somebody forwards ports of a pod, a program
/// of ours takes what containerd connects to in the pod's network namespace to the pod's address.
/// </summary>
internal sealed class GvisorPorts(string folder, Func<string, string?> findHandler, CriClient cri) : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _changing = new(1);
    private readonly Dictionary<string, Bridge> _bridges = new(StringComparer.Ordinal);

    /// <summary>Opens the way to a pod's ports; null when it is not in gVisor and needs none.</summary>
    /// <exception cref="CriException">It cannot be opened.</exception>
    public async Task<IAsyncDisposable?> OpenAsync(Pod pod, string sandbox, CancellationToken ct)
    {
        if (pod.Spec?.RuntimeClassName is not { Length: > 0 } name || findHandler(name) != ContainerdConfig.GvisorHandler)
        {
            return null;
        }

        await _changing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (!_bridges.TryGetValue(sandbox, out var bridge) || bridge.Process.HasExited)
            {
                bridge = new Bridge(await StartAsync(sandbox, ct).ConfigureAwait(false));
                _bridges[sandbox] = bridge;
            }

            bridge.Users++;
            return new Use(this, sandbox, bridge);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var bridge in _bridges.Values)
        {
            End(bridge.Process);
        }

        _changing.Dispose();
    }

    private async Task<Process> StartAsync(string sandbox, CancellationToken ct)
    {
        var answer = await cri.PodSandboxStatusAsync(sandbox, verbose: true, ct).ConfigureAwait(false);
        var pid = (int?)JsonNode.Parse(answer.Info.GetValueOrDefault("info") ?? "{}")?["pid"] ?? throw Failed("the sandbox has no process");
        var start = new ProcessStartInfo(GvisorRuntime.ProgramOf(folder), ["forward", string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"), answer.Status.Network.Ip])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start) ?? throw Failed("it did not start");
        }
        catch (Win32Exception e)
        {
            throw Failed(e.Message);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StartTime);
        try
        {
            return await process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false) == "ready"
                ? process
                : throw Failed((await process.StandardError.ReadToEndAsync(limit.Token).ConfigureAwait(false)).Trim());
        }
        catch (Exception e) when (e is OperationCanceledException or CriException)
        {
            End(process);
            ct.ThrowIfCancellationRequested();
            throw e as CriException ?? Failed("it does not answer");
        }
    }

    private async ValueTask CloseAsync(string sandbox, Bridge bridge)
    {
        // Whoever leaves is counted even when the request was cut off.
        await _changing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (--bridge.Users == 0)
            {
                End(bridge.Process);
                if (_bridges.GetValueOrDefault(sandbox) == bridge)
                {
                    _bridges.Remove(sandbox);
                }
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has just ended.
        }

        process.Dispose();
    }

    private static CriException Failed(string why) => new("PortForward", GrpcCode.Internal, $"ports of the sandbox cannot be reached: {why}");

    private sealed class Bridge(Process process)
    {
        public Process Process { get; } = process;

        public int Users { get; set; }
    }

    private sealed class Use(GvisorPorts owner, string sandbox, Bridge bridge) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => owner.CloseAsync(sandbox, bridge);
    }
}
