using System.Net;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Strategies;

/// <summary>The address and node ports of a Service.</summary>
internal sealed record ServiceHoldings(IPAddress? Address, IReadOnlySet<int> NodePorts)
{
    public static readonly ServiceHoldings None = new(null, new HashSet<int>());

    /// <summary>What these hold and the others do not.</summary>
    public ServiceHoldings Without(ServiceHoldings others) => new(
        Address is not null && Address.Equals(others.Address) ? null : Address,
        NodePorts.Except(others.NodePorts).ToHashSet());

    public void Take(AddressPool addresses, PortPool ports)
    {
        if (Address is not null)
        {
            addresses.TryTake(Address);
        }

        foreach (var port in NodePorts)
        {
            ports.TryTake(port);
        }
    }

    public void Release(AddressPool addresses, PortPool ports)
    {
        if (Address is not null)
        {
            addresses.Release(Address);
        }

        foreach (var port in NodePorts)
        {
            ports.Release(port);
        }
    }
}

/// <summary>What one write of a Service takes from the pools, and gives back if the write fails.</summary>
internal sealed class ServiceAllocation(AddressPool addresses, PortPool ports, ServiceHoldings held) : IReservation
{
    private const string NoAddress = "None";
    private const string DnsNamespace = "kube-system";
    private const string DnsName = "kube-dns";

    private readonly List<int> _takenPorts = [];
    private IPAddress? _takenAddress;

    /// <summary>Takes what the Service asks for or lacks, writing it into the object.</summary>
    /// <exception cref="ApiException">Something it asks for cannot be had.</exception>
    public void Allocate(JsonObject service)
    {
        var spec = service.Child("spec");
        if (spec is null)
        {
            return;
        }

        var metadata = service.Child("metadata");
        var name = metadata.Text("name") ?? "";
        if (ServiceStrategy.NeedsAddress(spec))
        {
            AllocateAddress(spec, name, isDns: name == DnsName && metadata.Text("namespace") == DnsNamespace);
        }

        AllocatePorts(spec, name);
    }

    public void Commit()
    {
        // What the Service no longer holds went back when the cache saw the write: only there is the order of writes certain.
    }

    public void Rollback()
    {
        if (_takenAddress is not null)
        {
            addresses.Release(_takenAddress);
        }

        foreach (var port in _takenPorts)
        {
            ports.Release(port);
        }
    }

    private void AllocateAddress(JsonObject spec, string name, bool isDns)
    {
        var wanted = spec.Text("clusterIP");
        if (wanted == NoAddress)
        {
            return;
        }

        if (string.IsNullOrEmpty(wanted))
        {
            _takenAddress = addresses.TakeAny() ?? throw ApiException.Internal("failed to allocate a serviceIP: range is full");
            spec["clusterIP"] = _takenAddress.ToString();
            spec["clusterIPs"] = new JsonArray(_takenAddress.ToString());
            return;
        }

        if (!IPAddress.TryParse(wanted, out var address))
        {
            throw InvalidAddress(name, wanted, "must be a valid IP address");
        }

        if (address.Equals(held.Address))
        {
            return;
        }

        if (!addresses.Contains(address))
        {
            throw InvalidAddress(name, wanted, $"the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {addresses.Range}");
        }

        // Pods ask this address for names also while nothing answers there: who held it could answer them all.
        if ((address.Equals(addresses.Dns) && !isDns) || !addresses.TryTake(address))
        {
            throw InvalidAddress(name, wanted, "provided IP is already allocated");
        }

        _takenAddress = address;
    }

    private void AllocatePorts(JsonObject spec, string name)
    {
        var needed = ServiceStrategy.NeedsNodePorts(spec);
        var own = new HashSet<int>();
        foreach (var (index, port) in spec.Objects("ports").Index())
        {
            var field = $"spec.ports[{index}].nodePort";
            var wanted = (int)(port.Number("nodePort") ?? 0);
            if (wanted > 0 && (needed || spec.Text("type") == "LoadBalancer"))
            {
                // One number can serve TCP and UDP of the same Service.
                if (own.Add(wanted))
                {
                    TakePort(wanted, field, name);
                }
            }
            else if (needed)
            {
                var taken = TakeAnyPort();
                own.Add(taken);
                port["nodePort"] = taken;
            }
            else
            {
                port.Remove("nodePort");
            }
        }

        AllocateHealthPort(spec, name);
    }

    private void AllocateHealthPort(JsonObject spec, string name)
    {
        if (spec.Text("type") != "LoadBalancer" || spec.Text("externalTrafficPolicy") != "Local")
        {
            spec.Remove("healthCheckNodePort");
            return;
        }

        var wanted = (int)(spec.Number("healthCheckNodePort") ?? 0);
        if (wanted > 0)
        {
            TakePort(wanted, "spec.healthCheckNodePort", name);
        }
        else
        {
            spec["healthCheckNodePort"] = TakeAnyPort();
        }
    }

    private void TakePort(int port, string field, string name)
    {
        if (held.NodePorts.Contains(port))
        {
            return;
        }

        if (!ports.Contains(port))
        {
            throw Invalid(name, field, port, $"provided port is not in the valid range. The range of valid ports is {ports.RangeText}");
        }

        if (!ports.TryTake(port))
        {
            throw Invalid(name, field, port, "provided port is already allocated");
        }

        _takenPorts.Add(port);
    }

    private int TakeAnyPort()
    {
        var port = ports.TakeAny() ?? throw ApiException.Internal("failed to allocate a nodePort: range is full");
        _takenPorts.Add(port);
        return port;
    }

    private static ApiException Invalid(string name, string field, int value, string detail) =>
        ApiException.Invalid("", "Service", name, new FieldError(FieldErrorType.Invalid, field, value.ToString(System.Globalization.CultureInfo.InvariantCulture), detail));

    private static ApiException InvalidAddress(string name, string address, string detail) =>
        ApiException.Invalid("", "Service", name, new FieldError(FieldErrorType.Invalid, "spec.clusterIPs", $"[]string{{\"{address}\"}}", $"failed to allocate IP {address}: {detail}"));
}
