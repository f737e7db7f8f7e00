using System.Diagnostics;
using Sealos.Node;

namespace Sealos.Host.Running;

/// <summary>The Debian packages the cloud runs on, found by the programs they bring.</summary>
public static class SystemPackages
{
    private static readonly (string Package, string[] Files)[] Needed =
    [
        ("containerd", ["/usr/bin/containerd"]),
        ("runc", ["/usr/sbin/runc", "/usr/bin/runc"]),
        ("containernetworking-plugins", ["/usr/lib/cni/ptp"]),
        ("nftables", ["/usr/sbin/nft"]),
        ("iproute2", ["/usr/sbin/ip", "/sbin/ip", "/bin/ip"]),
        ("conntrack", ["/usr/sbin/conntrack"]),
        ("util-linux", ["/usr/bin/setpriv"]),
    ];

    private static readonly (string Package, string[] Files) ForBtrfs = ("btrfs-progs", ["/usr/bin/btrfs", "/bin/btrfs"]);

    /// <summary>Packages that are missing for a cloud that keeps its volumes this way, in the order they are named to a person.</summary>
    public static IReadOnlyList<string> Missing(VolumeBackend volumes) =>
        [.. (volumes == VolumeBackend.Directories ? Needed : Needed.Append(ForBtrfs)).Where(n => !n.Files.Any(File.Exists)).Select(n => n.Package)];

    /// <summary>Installs packages with apt; its output goes to <paramref name="report"/> line by line.</summary>
    /// <exception cref="IOException">apt failed; the message holds its last lines.</exception>
    public static async Task InstallAsync(IReadOnlyList<string> packages, Action<string> report, CancellationToken ct)
    {
        try
        {
            await AptAsync(["install", "-y", "--no-install-recommends", .. packages], report, ct).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The package lists may be missing or old; fetch them once and try again.
            await AptAsync(["update"], report, ct).ConfigureAwait(false);
            await AptAsync(["install", "-y", "--no-install-recommends", .. packages], report, ct).ConfigureAwait(false);
        }
    }

    private static async Task AptAsync(IReadOnlyList<string> arguments, Action<string> report, CancellationToken ct)
    {
        var start = new ProcessStartInfo("apt-get", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var apt = Process.Start(start) ?? throw new IOException("apt-get could not be started");
        var last = new Queue<string>();
        void Take(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (last)
            {
                last.Enqueue(line);
                if (last.Count > 8)
                {
                    last.Dequeue();
                }
            }

            report(line);
        }

        apt.OutputDataReceived += (_, e) => Take(e.Data);
        apt.ErrorDataReceived += (_, e) => Take(e.Data);
        apt.BeginOutputReadLine();
        apt.BeginErrorReadLine();
        await apt.WaitForExitAsync(ct).ConfigureAwait(false);
        if (apt.ExitCode != 0)
        {
            throw new IOException($"apt-get {arguments[0]} failed:\n{string.Join('\n', last)}");
        }
    }
}
