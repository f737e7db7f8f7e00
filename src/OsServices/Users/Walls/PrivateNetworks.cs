using System.Net;

namespace Sealos.OsServices.Users.Walls;

/// <summary>Networks that are not the internet, and clouds' metadata: what walls close, nobody may open again.</summary>
internal static class PrivateNetworks
{
    public static IReadOnlyList<IPNetwork> V4 { get; } =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("224.0.0.0/3"),
    ];
}
