using System.Globalization;

namespace Sealos.Node.Gvisor;

/// <summary>
/// gVisor as one of this node's runtimes: whether it is there, and putting it there. What containerd runs is a program of our own
/// that stands between it and runsc; beside it lies which runsc, and how to call it.
/// </summary>
/// <param name="folder">Where it lies.</param>
/// <param name="program">Our program as it was built.</param>
public sealed class GvisorRuntime(string folder, string program)
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin";

    /// <summary>The name of our program among those that the build compiles.</summary>
    public const string ProgramName = "gvisor-runtime";

    private readonly string _configuration = Path.Combine(folder, "runtime.conf");

    /// <summary>Where runsc is sought.</summary>
    internal string SearchPath { get; init; } = $"{Environment.GetEnvironmentVariable("PATH")}:{DefaultPath}";

    /// <summary>Whether pods can have it.</summary>
    public bool IsInstalled => IsInstalledIn(folder);

    /// <summary>The program that containerd is to run.</summary>
    internal static string ProgramOf(string folder) => Path.Combine(folder, "runtime");

    internal static bool IsInstalledIn(string folder) => File.Exists(MarkerOf(folder));

    /// <summary>Finds runsc and the best way of running programs that works here.</summary>
    /// <returns>What was found, for a person; null when nothing has changed since it was put there.</returns>
    /// <exception cref="GvisorException">It cannot be used here; the message says what to install.</exception>
    public async Task<string?> VerifyAsync(CancellationToken ct)
    {
        if (IsInstalled && IsUnchanged())
        {
            return null;
        }

        var (runsc, platform) = await FindAsync(ct).ConfigureAwait(false);
        return $"{runsc.Path} on {platform}";
    }

    /// <summary>Puts it there, if it is not: containerd must be told afterwards.</summary>
    /// <exception cref="GvisorException">It cannot be used here; the message says what to install.</exception>
    public async Task InstallAsync(CancellationToken ct)
    {
        if (IsInstalled && IsUnchanged())
        {
            CopyProgram();
            return;
        }

        var (runsc, platform) = await FindAsync(ct).ConfigureAwait(false);
        CopyProgram();
        Write(_configuration, $"{runsc.Path}\n--platform={platform}\n");
        Write(MarkerOf(folder), MarkOf(runsc.Path));
    }

    /// <summary>Takes it away: containerd must be told afterwards.</summary>
    public void Remove()
    {
        // The program and what it is told stay: what runs in gVisor still goes on and is stopped with them.
        if (IsInstalled)
        {
            File.Delete(MarkerOf(folder));
        }
    }

    // Which runsc was tried, so that a start need not try it again.
    private static string MarkerOf(string folder) => Path.Combine(folder, "verified");

    private bool IsUnchanged()
    {
        var path = File.Exists(_configuration) ? File.ReadLines(_configuration).FirstOrDefault() ?? "" : "";
        return File.Exists(path) && File.ReadAllText(MarkerOf(folder)) == MarkOf(path);
    }

    private static string MarkOf(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"{path} {new FileInfo(path).Length} {File.GetLastWriteTimeUtc(path).Ticks}");

    private async Task<(Runsc Runsc, string Platform)> FindAsync(CancellationToken ct)
    {
        var runsc = Runsc.Find(SearchPath);
        Directory.CreateDirectory(folder);
        var work = Directory.CreateTempSubdirectory("sealos-gvisor-").FullName;
        try
        {
            return (runsc, await runsc.FindPlatformAsync(program, work, ct).ConfigureAwait(false));
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    // It may be running: it gets another file of the same name.
    private void CopyProgram()
    {
        var target = ProgramOf(folder);
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(File.ReadAllBytes(program)))
        {
            return;
        }

        Directory.CreateDirectory(folder);
        File.Copy(program, target + ".new", overwrite: true);
        File.Move(target + ".new", target, overwrite: true);
    }

    private static void Write(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
