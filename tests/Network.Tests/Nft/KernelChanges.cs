using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Sealos.Network_Tests.Nft;

/// <summary>What the kernel says was changed in the node's tables, transaction by transaction.</summary>
internal sealed partial class KernelChanges : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process _monitor;

    private KernelChanges(Process monitor) => _monitor = monitor;

    public static async Task<KernelChanges> FollowAsync(PacketLab lab, CancellationToken ct)
    {
        var monitor = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", lab.Node, "nft", "monitor"]) { RedirectStandardOutput = true })!;
        var changes = new KernelChanges(monitor);

        // It does not say when it has begun to listen, so it is told something until it hears it.
        var first = monitor.StandardOutput.ReadLineAsync(ct).AsTask();
        for (var i = 0; !first.IsCompleted; i++)
        {
            await lab.OnNode.RunAsync("nft", ["add", "table", "ip", $"heard{i}"], null, ct);
            await Task.WhenAny(first, Task.Delay(50, ct));
        }

        await lab.OnNode.RunAsync("nft", ["add", "table", "ip", "begin"], null, ct);
        while (await monitor.StandardOutput.ReadLineAsync(ct).AsTask().WaitAsync(Patience, ct) is { } line && !line.StartsWith("add table ip begin", StringComparison.Ordinal))
        {
        }

        await changes.NextAsync();
        return changes;
    }

    /// <summary>The elements that the next transaction adds and deletes, sorted; whatever else it does is told as it is.</summary>
    public async Task<IReadOnlyList<string>> NextAsync()
    {
        var lines = new List<string>();
        while (await _monitor.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line && !line.StartsWith("# new generation", StringComparison.Ordinal))
        {
            lines.Add(Element().Replace(line, m => $"{(m.Groups[1].Value == "add" ? "+" : "-")} {m.Groups[2].Value} {m.Groups[3].Value}"));
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        _monitor.Kill(entireProcessTree: true);
        await _monitor.WaitForExitAsync();
        _monitor.Dispose();
    }

    [GeneratedRegex(@"^(add|delete) element ip \S+ (\S+) \{ (.*) \}$")]
    private static partial Regex Element();
}
