using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Node.Volumes;

namespace Sealos.Node.Pods;

/// <summary>Where a pod's own files are on the machine, and making them.</summary>
internal sealed class PodDirectories(NodeOptions options)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    private const UnixFileMode Shared = (UnixFileMode)0b110_110_110;
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;

    /// <summary>Directory of a container's termination messages.</summary>
    public static string TerminationMessages(string podsRoot, string uid, string container) => Path.Combine(podsRoot, uid, "containers", container);

    /// <summary>Directory of everything of a pod.</summary>
    public string Of(string uid) => Path.Combine(options.PodsRoot, uid);

    /// <summary>Where subpaths of volumes are bound for containers.</summary>
    public string SubPathsOf(string uid) => Path.Combine(Of(uid), "subpaths");

    /// <summary>Where an emptyDir of a pod lies.</summary>
    public string EmptyDirOf(string uid, string volume) => Path.Combine(Of(uid), "volumes", volume);

    /// <summary>Where those emptyDirs of a pod lie that are on the disk.</summary>
    public IEnumerable<string> EmptyDirsOf(Pod pod) =>
        (pod.Spec?.Volumes ?? []).Where(v => v.EmptyDir is { Medium: null or "" }).Select(v => EmptyDirOf(pod.Uid, v.Name ?? ""));

    /// <summary>Makes the pod's directories and its log directory.</summary>
    public void Create(Pod pod)
    {
        Directory.CreateDirectory(Of(pod.Uid), Private);
        Directory.CreateDirectory(LogsOf(pod), Private | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    /// <summary>Directory of a pod's logs.</summary>
    public string LogsOf(Pod pod) => SandboxConfigBuilder.LogDirectory(options.PodLogsRoot, pod.Namespace, pod.Name, pod.Uid);

    /// <summary>Makes a container's log directory and the file for its last words, and returns the file.</summary>
    public string CreateForContainer(Pod pod, string container, int restartCount)
    {
        Directory.CreateDirectory(Path.Combine(LogsOf(pod), container));
        var directory = TerminationMessages(options.PodsRoot, pod.Uid, container);
        Directory.CreateDirectory(directory, Private);
        var file = Path.Combine(directory, restartCount.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, Shared);
        return file;
    }

    /// <summary>Writes the hosts file that the pod's containers share, and returns its path.</summary>
    public string WriteHosts(Pod pod, string podIp)
    {
        var path = Path.Combine(Of(pod.Uid), "etc-hosts");
        var text = HostsFile.Build(pod, podIp, options.ClusterDomain, pod.IsHostNetwork ? File.ReadAllText("/etc/hosts") : "");
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            // Written in place: running containers have this very file mounted.
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, Readable);
        }

        return path;
    }

    /// <summary>Removes what is left of a pod whose volumes are gone.</summary>
    public void Delete(string uid) => Mounts.DeleteTree(Of(uid));

    /// <summary>Removes a pod's logs.</summary>
    public void DeleteLogs(string ns, string name, string uid) => Mounts.DeleteTree(SandboxConfigBuilder.LogDirectory(options.PodLogsRoot, ns, name, uid));

    /// <summary>Uids of pods that have a directory.</summary>
    public IEnumerable<string> List() => Directory.Exists(options.PodsRoot) ? Directory.EnumerateDirectories(options.PodsRoot).Select(Path.GetFileName).OfType<string>() : [];
}
