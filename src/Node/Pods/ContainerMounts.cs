using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Node.Volumes;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

/// <summary>What is mounted into a container: volumes, parts of volumes, the hosts file and the file for its last words.</summary>
internal sealed class ContainerMounts(PodDirectories directories)
{
    /// <summary>Prepares everything and returns the mounts.</summary>
    /// <exception cref="ContainerStartException">A volume is not there, or a subPath is no good.</exception>
    public List<V1.Mount> Prepare(StartContext context, Container container, int restartCount, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        var pod = context.Pod;
        var mounts = new List<V1.Mount>();
        var wanted = container.VolumeMounts ?? [];
        for (var i = 0; i < wanted.Count; i++)
        {
            var root = context.Volumes.GetValueOrDefault(wanted[i].Name ?? "")
                ?? throw ContainerStartException.Config($"volumeMounts[{i}].name: there is no volume \"{wanted[i].Name}\"");
            var path = SubPath(wanted[i], environment) is { Length: > 0 } sub
                ? Bind(root, sub, Path.Combine(directories.SubPathsOf(pod.Uid), container.RequiredName, i.ToString(CultureInfo.InvariantCulture)))
                : root;
            var mount = ContainerConfigBuilder.MountOf(wanted[i], path, context.CanMountReadOnly);
            mount.Readonly |= IsReadOnly(pod, wanted[i].Name);
            mounts.Add(mount);
        }

        if (HostsFile.IsManagedFor(container))
        {
            mounts.Add(new V1.Mount { ContainerPath = "/etc/hosts", HostPath = directories.WriteHosts(pod, context.PodIp) });
        }

        var message = container.TerminationMessagePath is { Length: > 0 } at ? at : ContainerConfigBuilder.DefaultTerminationMessagePath;
        if (mounts.TrueForAll(m => m.ContainerPath != message))
        {
            mounts.Add(new V1.Mount { ContainerPath = message, HostPath = directories.CreateForContainer(pod, container.RequiredName, restartCount) });
        }

        return mounts;
    }

    /// <summary>Takes away what was bound for a pod's containers.</summary>
    public void TearDown(string uid) => Mounts.DeleteTree(directories.SubPathsOf(uid));

    /// <summary>The part of a volume that a mount wants; empty for the whole.</summary>
    internal static string SubPath(VolumeMount mount, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        var path = mount.SubPath ?? "";
        if (mount.SubPathExpr is { Length: > 0 } expression)
        {
            path = Expansion.Expand(expression, n => environment.Where(e => e.Key == n).Select(e => e.Value).LastOrDefault()
                ?? throw ContainerStartException.Config($"subPathExpr: missing value for \"{n}\""));
        }

        return path.StartsWith('/') || path.Split('/').Contains("..") ? throw ContainerStartException.Config($"subPath: \"{path}\" must be a relative path without \"..\"") : path;
    }

    // A claim that is used for reading only is that for every container.
    private static bool IsReadOnly(Pod pod, string? volume) => pod.Spec?.Volumes?.Exists(v => v.Name == volume && v.PersistentVolumeClaim?.ReadOnly == true) == true;

    private static string Bind(string root, string sub, string target)
    {
        try
        {
            using var source = SafePaths.Open(root, sub);
            SafePaths.Bind(source, target);
            return target;
        }
        catch (IOException e)
        {
            throw ContainerStartException.Config($"failed to prepare subPath: {e.Message}");
        }
    }
}
