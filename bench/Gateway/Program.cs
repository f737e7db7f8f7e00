using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Bench;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;
using Sealos.Network.Gateway;

// Compares an answer through the gateway with the same answer from a bare Kestrel over TLS, and measures how a gateway with many
// routes takes in one more. Everything shares this process and its cores, so the ratio says more than the numbers.
const string Domain = "bench.test";
var hosts = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20_000;
var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
using var authority = CertificateAuthority.Create("bench", TimeProvider.System);
var folder = Directory.CreateTempSubdirectory("gateway-bench");
var pair = authority.IssueServer([Domain, $"*.{Domain}"], [], TimeSpan.FromDays(1));
File.WriteAllText(Path.Combine(folder.FullName, "tls.crt"), pair.CertificatePem);
File.WriteAllText(Path.Combine(folder.FullName, "tls.key"), pair.KeyPem);

await using var app = await StartAsync(18_080, null);
await using var bare = await StartAsync(18_443, pair.ToCertificate());
await using var api = new BenchApi();
await api.StartAsync(18_001);
for (var i = 0; i < hosts; i++)
{
    api.AddApp($"app-{i}", $"app-{i}.{Domain}", i == 0 ? 18_080 : 9);
}

using var client = new KubeClient(new KubeConfig { Server = new Uri("http://127.0.0.1:18001") }) { Http = { DefaultRequestVersion = HttpVersion.Version11 } };
await using var informers = new InformerFactory(client, NullLoggerFactory.Instance);
var options = new GatewayOptions
{
    Domain = Domain,
    Http = new IPEndPoint(IPAddress.Loopback, 0),
    Https = new IPEndPoint(IPAddress.Loopback, 0),
    CertificateFile = Path.Combine(folder.FullName, "tls.crt"),
    CertificateKeyFile = Path.Combine(folder.FullName, "tls.key"),
    BackendRanges = [IPNetwork.Parse("127.0.0.0/8")],
};
await using var gateway = new GatewayComponent(options, client, informers, TimeProvider.System, NullLoggerFactory.Instance);
var before = GC.GetTotalMemory(forceFullCollection: true);
var watch = Stopwatch.StartNew();
await gateway.StartAsync(CancellationToken.None);
while (!gateway.IsComplete)
{
    await Task.Delay(5);
}

var taken = watch.ElapsedMilliseconds;
Console.WriteLine($"{hosts} routes taken in after {taken} ms, {(GC.GetTotalMemory(forceFullCollection: true) - before) >> 20} MiB of objects");
await MeasureLivenessAsync();
foreach (var (version, workers) in new[] { (HttpVersion.Version11, 32), (HttpVersion.Version20, 32) })
{
    await MeasureAsync("warm-up", gateway.HttpsPort, version, workers, 2);
    await MeasureAsync("bare Kestrel", 18_443, version, workers, seconds);
    await MeasureAsync("gateway", gateway.HttpsPort, version, workers, seconds);
}

folder.Delete(recursive: true);

async Task MeasureLivenessAsync()
{
    var times = new List<double>();
    using var browser = CreateBrowser(gateway.HttpsPort, HttpVersion.Version11);
    for (var i = 0; i < 50; i++)
    {
        var start = Stopwatch.GetTimestamp();
        api.AddApp($"new-{i}", $"new-{i}.{Domain}", 18_080);
        while (true)
        {
            using var response = await browser.GetAsync($"https://new-{i}.{Domain}/");
            if (response.StatusCode == HttpStatusCode.OK)
            {
                break;
            }
        }

        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    times.Sort();
    Console.WriteLine($"a new route is live after p50 {times[25]:F1} ms, max {times[^1]:F1} ms");
}

async Task MeasureAsync(string name, int port, Version version, int workers, int duration)
{
    using var browser = CreateBrowser(port, version);
    var latencies = new List<double>[workers];
    var end = Stopwatch.GetTimestamp() + (duration * Stopwatch.Frequency);
    await Task.WhenAll(Enumerable.Range(0, workers).Select(async w =>
    {
        latencies[w] = [];
        while (Stopwatch.GetTimestamp() < end)
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await browser.GetAsync($"https://app-0.{Domain}/");
            await response.Content.ReadAsByteArrayAsync();
            latencies[w].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }));
    var all = latencies.SelectMany(l => l).Order().ToList();
    Console.WriteLine($"HTTP/{version} {name,-14} {all.Count / duration,7} requests/s   p50 {all[all.Count / 2]:F2} ms   p99 {all[all.Count * 99 / 100]:F2} ms");
}

static HttpClient CreateBrowser(int port, Version version) => new(new SocketsHttpHandler
{
    UseProxy = false,
    ConnectCallback = async (_, ct) =>
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, ct);
        return new NetworkStream(socket, ownsSocket: true);
    },
    SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
})
{
    DefaultRequestVersion = version,
    DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
};

static async Task<WebApplication> StartAsync(int port, X509Certificate2? certificate)
{
    var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
    builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, listen =>
    {
        listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        if (certificate is not null)
        {
            listen.UseHttps(certificate);
        }
    }));
    var made = builder.Build();
    var body = new byte[1_024];
    made.Run(context =>
    {
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    });
    await made.StartAsync();
    return made;
}
