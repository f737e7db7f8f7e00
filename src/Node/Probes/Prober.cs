using System.Net.Sockets;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Objects.Meta;

namespace Sealos.Node.Probes;

/// <summary>Looks at real containers: over HTTP, TCP or gRPC at the pod's address, or with a command inside.</summary>
internal sealed class Prober(CriClient cri, TimeProvider time) : IProber, IDisposable
{
    private const int LongestMessage = 10 * 1024;

    private readonly HttpProber _http = new();
    private readonly GrpcProber _grpc = new();

    /// <inheritdoc/>
    public async Task<ProbeOutcome?> ProbeAsync(ProbeTarget target, Probe probe, CancellationToken ct)
    {
        var timeout = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));
        if (probe.Exec is { } exec)
        {
            return await ExecAsync(target, exec, timeout, ct).ConfigureAwait(false);
        }

        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            return await OverNetworkAsync(target, probe, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return new ProbeOutcome(false, $"no answer within {timeout.TotalSeconds:0} s");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _grpc.Dispose();
    }

    /// <summary>The number of a port that a probe gives by number or by the name it has in the container.</summary>
    internal static int? FindPort(Container container, IntOrString? port)
    {
        var number = port is not { Text: { } name } ? port?.Number
            : (container.Ports ?? []).Find(p => p.Name == name)?.ContainerPortValue ?? (int.TryParse(name, out var parsed) ? parsed : null);
        return number is > 0 and <= ushort.MaxValue ? number : null;
    }

    private async Task<ProbeOutcome> OverNetworkAsync(ProbeTarget target, Probe probe, CancellationToken ct)
    {
        if (probe.HttpGet is { } http)
        {
            return FindPort(target.Container, http.Port) is { } port ? await _http.ProbeAsync(http, target.PodIp, port, ct).ConfigureAwait(false) : NoPort(http.Port);
        }

        if (probe.TcpSocket is { } tcp)
        {
            return FindPort(target.Container, tcp.Port) is { } port ? await TcpAsync(tcp.Host is { Length: > 0 } host ? host : target.PodIp, port, ct).ConfigureAwait(false) : NoPort(tcp.Port);
        }

        return probe.Grpc is { Port: { } grpcPort } grpc
            ? await _grpc.ProbeAsync(target.PodIp, grpcPort, grpc.Service ?? "", ct).ConfigureAwait(false)
            : new ProbeOutcome(false, "the probe names no way to look: exec, httpGet, tcpSocket or grpc");
    }

    private static ProbeOutcome NoPort(IntOrString? port) => new(false, $"the container has no port \"{port}\"");

    private static async Task<ProbeOutcome> TcpAsync(string host, int port, CancellationToken ct)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, ct).ConfigureAwait(false);
            return new ProbeOutcome(true, "");
        }
        catch (SocketException e)
        {
            return new ProbeOutcome(false, $"dial tcp {host}:{port}: {e.Message}");
        }
    }

    private async Task<ProbeOutcome?> ExecAsync(ProbeTarget target, ExecAction exec, TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var result = await cri.ExecSyncAsync(target.ContainerId, exec.Command ?? [], timeout, ct).ConfigureAwait(false);
            var output = result.Stdout.Concat(result.Stderr).Take(LongestMessage).ToArray();
            return new ProbeOutcome(result.ExitCode == 0, System.Text.Encoding.UTF8.GetString(output));
        }
        catch (CriException e) when (e.IsDeadlineExceeded)
        {
            return new ProbeOutcome(false, $"command timed out: \"{string.Join(' ', exec.Command ?? [])}\" timed out after {timeout.TotalSeconds:0}s");
        }
        catch (CriException e) when (e.IsNotFound || e.IsUnavailable)
        {
            // The container has just ended, or containerd restarts: neither says anything about its health.
            return null;
        }
        catch (CriException e)
        {
            return new ProbeOutcome(false, e.Message);
        }
    }
}
