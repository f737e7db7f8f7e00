namespace Sealos.Network.PodNetwork;

/// <summary>What CNI plugins leave on disk.</summary>
internal static class CniLeftovers
{
    // The CNI library's own folder, the same for every user of it on the host; our files carry our network's name.
    private const string ResultFolder = "/var/lib/cni/results";

    public static void Remove(PodNetworkOptions options)
    {
        var network = CniConfig.NetworkName(options.Instance);
        var addresses = Path.Combine(options.AddressFolder, network);
        if (Directory.Exists(addresses))
        {
            Directory.Delete(addresses, recursive: true);
        }

        if (!Directory.Exists(ResultFolder))
        {
            return;
        }

        foreach (var file in Directory.GetFiles(ResultFolder, network + "-*"))
        {
            // <network>-<pod's sandbox>-<interface>; the runtime gives every sandbox a loopback too, under a name that all clouds share.
            var sandbox = Path.GetFileName(file)[(network.Length + 1)..].Split('-')[0];
            File.Delete(Path.Combine(ResultFolder, $"cni-loopback-{sandbox}-lo"));
            File.Delete(file);
        }
    }
}
