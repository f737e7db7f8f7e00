using Sealos.ControllerKit.Client;

namespace Sealos.Bench;

/// <summary>What watches cost on which nothing happens.</summary>
internal static class IdleWatches
{
    private const int Watches = 10_000;

    public static async Task MeasureAsync(List<KubeClient> clients, string path, Func<long> kibibytes, CancellationToken ct)
    {
        var before = kibibytes();
        var open = await Task.WhenAll(clients.Select(client => Task.WhenAll(Enumerable.Range(0, Watches / clients.Count).Select(_ =>
            client.OpenAsync(HttpMethod.Get, path + "?watch=true&fieldSelector=metadata.name%3Dnobody", null, ct)))));
        var after = kibibytes();
        Console.WriteLine($"{open.Sum(o => o.Length)} idle watches: {(after - before) / 1024} MiB more, {(double)(after - before) / Watches:0.0} KiB each");
        foreach (var response in open.SelectMany(o => o))
        {
            response.Dispose();
        }
    }
}
