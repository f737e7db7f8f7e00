using System.Net;

namespace Sealos.Network.Services;

/// <summary>UDP flows the kernel must forget: those through an address and port to an endpoint, or to no endpoint at all when null.</summary>
internal readonly record struct StaleFlow(IPAddress? Address, int Port, IPAddress? Endpoint)
{
    /// <summary>
    /// Flows to endpoints that went; and where a first endpoint came, the flows of clients that asked while there was none,
    /// which would bypass the service for as long as they keep asking.
    /// </summary>
    public static IEnumerable<StaleFlow> Between(ServicePlan old, ServicePlan plan)
    {
        foreach (var was in old.UdpPorts)
        {
            var now = plan.UdpPorts.FirstOrDefault(p => p.Port == was.Port && Equals(p.Address, was.Address));
            foreach (var endpoint in was.Endpoints.Except(now?.Endpoints ?? []))
            {
                yield return new StaleFlow(was.Address, was.Port, endpoint);
            }
        }

        foreach (var now in plan.UdpPorts.Where(p => !p.Endpoints.IsEmpty))
        {
            var was = old.UdpPorts.FirstOrDefault(p => p.Port == now.Port && Equals(p.Address, now.Address));
            if (was is null || was.Endpoints.IsEmpty)
            {
                yield return new StaleFlow(now.Address, now.Port, null);
            }
        }
    }

    /// <summary>The arguments of <c>conntrack</c> that forget it.</summary>
    public IReadOnlyList<string> ToArguments()
    {
        List<string> arguments = ["-D", "-f", "ipv4", "-p", "udp", "--orig-port-dst", $"{Port}"];
        if (Address is not null)
        {
            arguments.AddRange(["--orig-dst", $"{Address}"]);
        }

        if (Endpoint is not null)
        {
            arguments.AddRange(["--reply-src", $"{Endpoint}"]);
        }

        return arguments;
    }
}
