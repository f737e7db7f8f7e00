using Sealos.Kinds.Core;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods.Config;

/// <summary>A resolver's configuration: name servers, search domains, options.</summary>
internal sealed record ResolverConfig(IReadOnlyList<string> Servers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options)
{
    /// <summary>Reads <c>resolv.conf</c>.</summary>
    public static ResolverConfig Parse(string text)
    {
        List<string> servers = [], searches = [], options = [];
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["nameserver", var server, ..]:
                    servers.Add(server);
                    break;
                case ["search" or "domain", .. var domains]:
                    searches = [.. domains];
                    break;
                case ["options", .. var all]:
                    options.AddRange(all);
                    break;
            }
        }

        return new ResolverConfig(servers, searches, options);
    }
}

/// <summary>What a pod's resolv.conf says, by its dnsPolicy and dnsConfig. Pure.</summary>
internal static class DnsSettings
{
    private const int MaxServers = 3;
    private const int MaxSearches = 32;
    private const int MaxSearchChars = 2048;

    /// <summary>The settings of a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="clusterDns">The cluster's name server, or null.</param>
    /// <param name="zone">The cluster's zone.</param>
    /// <param name="host">The machine's own resolver.</param>
    public static V1.DNSConfig Build(Pod pod, string? clusterDns, string zone, ResolverConfig host)
    {
        var policy = pod.Spec?.DnsPolicy ?? "ClusterFirst";
        var isCluster = clusterDns is not null && (policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && !pod.IsHostNetwork));
        var (servers, searches, options) = policy == "None" ? ([], [], [])
            : isCluster ? (new List<string> { clusterDns! }, (List<string>)[$"{pod.Namespace}.svc.{zone}", $"svc.{zone}", zone, .. host.Searches], (List<string>)["ndots:5"])
            : ([.. host.Servers], [.. host.Searches], [.. host.Options]);
        Merge(pod.Spec?.DnsConfig, servers, searches, options);

        var result = new V1.DNSConfig();
        result.Servers.AddRange(servers.Distinct(StringComparer.Ordinal).Take(MaxServers));
        result.Searches.AddRange(Limit(searches.Distinct(StringComparer.Ordinal)));
        result.Options.AddRange(options);
        return result;
    }

    private static void Merge(PodDNSConfig? config, List<string> servers, List<string> searches, List<string> options)
    {
        servers.AddRange(config?.Nameservers ?? []);
        searches.AddRange(config?.Searches ?? []);
        foreach (var option in config?.Options ?? [])
        {
            options.RemoveAll(o => o.Split(':')[0] == option.Name);
            options.Add(string.IsNullOrEmpty(option.Value) ? option.Name ?? "" : $"{option.Name}:{option.Value}");
        }
    }

    private static IEnumerable<string> Limit(IEnumerable<string> searches)
    {
        var chars = 0;
        return searches.Take(MaxSearches).TakeWhile(s => (chars += s.Length + 1) <= MaxSearchChars + 1);
    }
}
