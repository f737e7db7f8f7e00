using System.Diagnostics;
using System.Globalization;
using Sealos.Testing;

namespace Sealos.EndToEnd_Tests;

/// <summary>
/// A network namespace for a browser, joined to the cloud's by one link, as a visitor's machine would be. In the cloud's own
/// namespace each instance that starts or ends changes the network under the browser, which then breaks off what it is loading.
/// </summary>
internal sealed class BrowserNetwork : IAsyncDisposable
{
    /// <summary>Where the browser finds the cloud.</summary>
    public const string CloudAddress = "198.51.100.1";

    private const string BrowserAddress = "198.51.100.2";
    private const string Link = "browser";
    private const string Chromium = "/usr/bin/chromium";
    private readonly Process _holder;

    private BrowserNetwork(Process holder)
    {
        _holder = holder;
        Executable = Path.Combine(Path.GetTempPath(), $"sealos-browser-{holder.Id.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>A program that is Debian's Chromium inside the namespace.</summary>
    public string Executable { get; }

    public static async Task<BrowserNetwork> StartAsync()
    {
        var network = new BrowserNetwork(Command.Start("unshare", ["--net", "sleep", "infinity"]));
        var pid = network._holder.Id.ToString(CultureInfo.InvariantCulture);
        var own = $"/proc/{pid}/ns/net";
        await Eventually.TrueAsync("a namespace", () => Task.FromResult(Target(own) != Target("/proc/self/ns/net")));
        await IpAsync("link", "add", Link, "type", "veth", "peer", "name", "eth0", "netns", pid);
        await IpAsync("addr", "add", CloudAddress + "/30", "dev", Link);
        await IpAsync("link", "set", Link, "up");

        // No address that comes by itself a second later: that would be a change of the network, too.
        foreach (var command in new[] { "link set lo up", "link set eth0 addrgenmode none", $"addr add {BrowserAddress}/30 dev eth0", "link set eth0 up", $"route add default via {CloudAddress}" })
        {
            await Command.RunAsync("nsenter", ["--net=" + own, "ip", .. command.Split(' ')]).OutputAsync();
        }

        await File.WriteAllTextAsync(network.Executable, $"#!/bin/sh\nexec nsenter --net={own} {Chromium} \"$@\"\n");
        File.SetUnixFileMode(network.Executable, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return network;
    }

    public async ValueTask DisposeAsync()
    {
        await IpAsync("link", "delete", Link);
        _holder.Kill();
        await _holder.WaitForExitAsync();
        _holder.Dispose();
        File.Delete(Executable);
    }

    private static string? Target(string link) => new FileInfo(link).LinkTarget;

    private static Task<string> IpAsync(params string[] arguments) => Command.RunAsync("ip", arguments).OutputAsync();
}
