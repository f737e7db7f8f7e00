using System.Globalization;
using System.Net.Http.Headers;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pods;

/// <summary>What postStart and preStop hooks are run on.</summary>
internal sealed record HookTarget(Container Container, string ContainerId, string PodIp);

/// <summary>Runs a container's postStart and preStop hooks.</summary>
internal sealed class LifecycleHooks(CriClient cri, TimeProvider time) : IDisposable
{
    private const int MaxMessage = 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = true,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Runs a hook to its end, at most for <paramref name="timeout"/>.</summary>
    /// <exception cref="HookException">It failed or took too long.</exception>
    public async Task RunAsync(LifecycleHandler handler, HookTarget target, TimeSpan timeout, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            if (handler.Exec is { } exec)
            {
                await ExecAsync(exec, target, timeout, linked.Token).ConfigureAwait(false);
            }
            else if (handler.HttpGet is { } get)
            {
                await GetAsync(get, target, linked.Token).ConfigureAwait(false);
            }
            else if (handler.Sleep is { } sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds ?? 0), time, linked.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new HookException($"took longer than {timeout.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The number of a port, which may be given by the name of one of the container's ports.</summary>
    internal static int Port(IntOrString? port, Container container)
    {
        if (port is not { } given)
        {
            return 80;
        }

        if (given.Text is null)
        {
            return given.Number;
        }

        return container.Ports?.FirstOrDefault(p => p.Name == given.Text)?.ContainerPortValue
            ?? (int.TryParse(given.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new HookException($"there is no port named \"{given.Text}\""));
    }

    private async Task ExecAsync(ExecAction exec, HookTarget target, TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var result = await cri.ExecSyncAsync(target.ContainerId, exec.Command ?? [], timeout, ct).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                var output = result.Stdout.ToStringUtf8() + result.Stderr.ToStringUtf8();
                throw new HookException($"command '{string.Join(' ', exec.Command ?? [])}' exited with {result.ExitCode}: {(output.Length > MaxMessage ? output[..MaxMessage] : output)}");
            }
        }
        catch (CriException e)
        {
            throw new HookException(e.Message, e);
        }
    }

    private async Task GetAsync(HTTPGetAction get, HookTarget target, CancellationToken ct)
    {
        var scheme = get.Scheme == "HTTPS" ? "https" : "http";
        var host = string.IsNullOrEmpty(get.Host) ? target.PodIp : get.Host;
        var path = get.Path is { Length: > 0 } p ? p : "/";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{host}:{Port(get.Port, target.Container)}/{path.TrimStart('/')}");
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("kube-lifecycle", "1.32"));
            foreach (var header in get.HttpHeaders ?? [])
            {
                request.Headers.TryAddWithoutValidation(header.Name ?? "", header.Value);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException)
        {
            throw new HookException(e.Message, e);
        }
    }
}
