using System.CommandLine;
using Sealos.Host.Components;
using Sealos.Host.Configuration;
using Sealos.Node;

namespace Sealos.Cli.Commands;

/// <summary>The options of <c>up</c> that become the cloud's configuration; one not given keeps what was saved.</summary>
internal sealed class CloudFlags
{
    private readonly Option<string?> _domain = Text("--domain", "Domain of the cloud (default sealos.localhost)", "DOMAIN");
    private readonly Option<int?> _httpPort = Number("--http-port", "Port for plain HTTP (default 80)");
    private readonly Option<int?> _httpsPort = Number("--https-port", "Port for HTTPS (default 443)");
    private readonly Option<int?> _apiPort = Number("--api-port", "Port of the Kubernetes API (default 6443)");
    private readonly Option<int?> _kubeletPort = Number("--kubelet-port", "Port of the node agent (default 10250)");
    private readonly Option<string?> _nodeName = Text("--node-name", "Name of this node (default: the host's name)", "NAME");
    private readonly Option<string?> _eviction = Text("--eviction", "What must be left before containers are ended for it (default memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,pid.available<5%; empty for never)", "LIST");
    private readonly Option<int?> _shutdownGrace = new("--shutdown-grace") { Description = "Seconds that containers get to stop when the machine goes down (default 0: as the machine stops them)", HelpName = "SECONDS" };
    private readonly Option<string?> _sysctls = Text("--allowed-sysctls", "Kernel parameters that containers may set besides the harmless ones (default none)", "LIST");
    private readonly Option<string?> _history = Text("--history", "How long lists in pieces can go on from an older state, from 10s to 24h and 100,000 changes at most (default 5m)", "DURATION");
    private readonly Option<bool> _gvisor = new("--with-gvisor") { Description = "The same as --with gvisor: pods may ask for a kernel of their own; needs the program runsc" };
    private readonly Option<string?> _podCidr = Text("--pod-cidr", "Addresses of containers (default 10.208.0.0/16)", "CIDR");
    private readonly Option<string?> _serviceCidr = Text("--service-cidr", "Addresses of services (default 10.209.0.0/16)", "CIDR");
    private readonly Option<string?> _runFolder = Text("--run-dir", "Folder of sockets and pid files (default /run/sealos)", "DIR");
    private readonly Option<string?> _logFolder = Text("--log-dir", "Folder of logs (default /var/log/sealos)", "DIR");

    private readonly Option<VolumeBackend?> _volumes = new("--volumes") { Description = "How volumes are kept: btrfs (sizes are enforced), directories, or auto (default: btrfs where the machine has it)", HelpName = "KIND" };

    private readonly Option<string?> _with = Text("--with", "Components that a new cloud has besides the usual ones (later: sealos component add)", "LIST");
    private readonly Option<string?> _without = Text("--without", "Components that a new cloud is without (later: sealos component remove)", "LIST");
    private readonly Option<bool?> _singleUser = new("--single-user") { Description = "The cloud is one person's: no sign-up, no other users, no teams; 'false' opens it again, and nothing is lost either way", HelpName = "true|false" };
    private readonly Option<bool> _kernelOnly = new("--kernel-only") { Description = "A new cloud is bare Kubernetes, without users, gateway and desktop (later: sealos component add)" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _domain, _httpPort, _httpsPort, _apiPort, _kubeletPort, _nodeName, _eviction, _shutdownGrace, _sysctls, _history, _gvisor, _podCidr, _serviceCidr, _runFolder, _logFolder, _volumes, _with, _without, _singleUser, _kernelOnly })
        {
            command.Options.Add(option);
        }
    }

    public CloudOptions Apply(ParseResult parsed, CloudOptions saved) => saved with
    {
        Domain = parsed.GetValue(_domain) ?? saved.Domain,
        HttpPort = parsed.GetValue(_httpPort) ?? saved.HttpPort,
        HttpsPort = parsed.GetValue(_httpsPort) ?? saved.HttpsPort,
        ApiPort = parsed.GetValue(_apiPort) ?? saved.ApiPort,
        KubeletPort = parsed.GetValue(_kubeletPort) ?? saved.KubeletPort,
        NodeName = parsed.GetValue(_nodeName) ?? saved.NodeName,
        Eviction = parsed.GetValue(_eviction) ?? saved.Eviction,
        ShutdownGrace = parsed.GetValue(_shutdownGrace) ?? saved.ShutdownGrace,
        AllowedSysctls = parsed.GetValue(_sysctls) ?? saved.AllowedSysctls,
        History = parsed.GetValue(_history) ?? saved.History,
        PodCidr = parsed.GetValue(_podCidr) ?? saved.PodCidr,
        ServiceCidr = parsed.GetValue(_serviceCidr) ?? saved.ServiceCidr,
        With = With(parsed, saved),
        Without = parsed.GetValue(_without) ?? saved.Without,
        SingleUser = parsed.GetResult(_singleUser) is { Implicit: false } ? parsed.GetValue(_singleUser) ?? true : saved.SingleUser,
        KernelOnly = parsed.GetValue(_kernelOnly) || saved.KernelOnly,
        Volumes = parsed.GetValue(_volumes) ?? saved.Volumes,
        RunFolder = parsed.GetValue(_runFolder) is { } run ? Path.GetFullPath(run) : saved.RunFolder,
        LogFolder = parsed.GetValue(_logFolder) is { } log ? Path.GetFullPath(log) : saved.LogFolder,
    };

    private string With(ParseResult parsed, CloudOptions saved)
    {
        var with = parsed.GetValue(_with) ?? saved.With;
        var gvisor = ComponentCatalog.Gvisor.Name;
        return !parsed.GetValue(_gvisor) || with.Split(',').Contains(gvisor) ? with : with.Length == 0 ? gvisor : $"{with},{gvisor}";
    }

    private static Option<string?> Text(string name, string description, string help) => new(name) { Description = description, HelpName = help };

    private static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "PORT" };
}
