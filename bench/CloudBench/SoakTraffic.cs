using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>An app of the soak, and where it answers: at its public address, or at its service's where it has none.</summary>
internal sealed record SoakApp(string Name, SoakKind Kind, Uri? Address, IPEndPoint Service)
{
    public string Way => !Kind.SpeaksHttp ? "redis, PING through the service" : Address is null ? "HTTP through the service" : "HTTPS through the gateway";
}

/// <summary>Asks every app once each period, all of them spread over it, and notes each answer and each failure.</summary>
internal sealed class SoakTraffic(Cloud cloud) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _outside = cloud.OpenBrowser();

    // As from one pod to another that it seldom speaks to: each on a connection of its own.
    private readonly HttpClient _inside = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });

    private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> _answers = new();

    public ConcurrentQueue<string> Failures { get; } = new();

    /// <summary>Milliseconds by the way that was taken.</summary>
    public IEnumerable<(string Way, IReadOnlyCollection<double> Taken)> Answers => _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => (a.Key, (IReadOnlyCollection<double>)a.Value));

    public int Count => _answers.Values.Sum(a => a.Count) + Failures.Count;

    /// <summary>Asks until the time is over.</summary>
    public Task RunAsync(IReadOnlyList<SoakApp> apps, TimeSpan length, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        return Task.WhenAll(apps.Select((app, i) => KeepAskingAsync(app, Period * i / apps.Count, start, length, ct)));
    }

    /// <summary>One question; it fails by an exception.</summary>
    public async Task AskAsync(SoakApp app, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        var (answer, wanted) = app.Kind.SpeaksHttp ? (await GetAsync(app, limit.Token), app.Kind.Name) : (await PingAsync(app.Service, limit.Token), "+PONG");
        if (answer != wanted)
        {
            throw new InvalidDataException($"answered '{(answer.Length > 80 ? answer[..80] : answer)}'");
        }
    }

    /// <summary>Whether an exception says that an app did not answer as it should.</summary>
    public static bool IsFailure(Exception e) => e is HttpRequestException or IOException or SocketException or InvalidDataException or OperationCanceledException;

    public void Dispose()
    {
        _outside.Dispose();
        _inside.Dispose();
    }

    private async Task KeepAskingAsync(SoakApp app, TimeSpan offset, long start, TimeSpan length, CancellationToken ct)
    {
        await Task.Delay(offset, ct);
        using var timer = new PeriodicTimer(Period);
        do
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                await AskAsync(app, ct);
                _answers.GetOrAdd(app.Way, _ => new()).Enqueue(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            catch (Exception e) when (!ct.IsCancellationRequested && IsFailure(e))
            {
                var reason = e is OperationCanceledException ? $"no answer in {Limit.TotalSeconds:0} s" : e.Message;
                Failures.Enqueue($"{Stopwatch.GetElapsedTime(start, began).TotalSeconds,6:0} s  {app.Name} ({app.Way}): {reason}");
            }
        }
        while (Stopwatch.GetElapsedTime(start) < length && await timer.WaitForNextTickAsync(ct));
    }

    private async Task<string> GetAsync(SoakApp app, CancellationToken ct)
    {
        using var answer = app.Address is null ? await _inside.GetAsync(new Uri($"http://{app.Service}/"), ct) : await _outside.GetAsync(app.Address, ct);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(ct) : $"{(int)answer.StatusCode} {answer.ReasonPhrase}";
    }

    private static async Task<string> PingAsync(IPEndPoint service, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(service, ct);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("PING\r\n"u8.ToArray(), ct);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync(ct) ?? "";
    }
}
