using System.Text;
using Sealos.Kinds.Core;

namespace Sealos.Node.Pods.Config;

/// <summary>The hosts file that the containers of a pod see. Pure.</summary>
internal static class HostsFile
{
    private const string Header = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";
    private const string HostHeader = "# Kubernetes-managed hosts file (host network).\n";

    /// <summary>Whether the file is managed for this container: not when it mounts its own.</summary>
    public static bool IsManagedFor(Container container) => !(container.VolumeMounts ?? []).Any(m => m.MountPath == "/etc/hosts");

    /// <summary>The text for a pod that has an address; on the host's network, <paramref name="hostFile"/> is what the machine's own says.</summary>
    public static string Build(Pod pod, string podIp, string zone, string hostFile)
    {
        var text = new StringBuilder();
        if (pod.IsHostNetwork)
        {
            text.Append(HostHeader).Append(hostFile);
        }
        else
        {
            text.Append(Header).Append(podIp).Append('\t');
            if (pod.Spec?.Subdomain is { Length: > 0 } subdomain)
            {
                text.Append(pod.Hostname).Append('.').Append(subdomain).Append('.').Append(pod.Namespace).Append(".svc.").Append(zone).Append('\t');
            }

            text.Append(pod.Hostname).Append('\n');
        }

        if (pod.Spec?.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
            {
                text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames ?? []).Append('\n');
            }
        }

        return text.ToString();
    }
}
