using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Ports of containers, and ports given by number or name.</summary>
internal static class PortRules
{
    public static void Check(JsonObject container, string path, bool isHostNetwork, ErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var port in container.Objects("ports"))
        {
            var at = $"{path}.ports[{i++}]";
            if (port.Text("name") is { Length: > 0 } name)
            {
                errors.Check($"{at}.name", name, NameRules.PortName(name));
                if (!names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }
            }

            var number = port.Number("containerPort") ?? 0;
            if (number == 0)
            {
                errors.Required($"{at}.containerPort");
            }
            else
            {
                errors.Port($"{at}.containerPort", number);
            }

            if (port.Number("hostPort") is { } hostPort && hostPort != 0)
            {
                errors.Port($"{at}.hostPort", hostPort);
                if (isHostNetwork && hostPort != number)
                {
                    errors.Invalid($"{at}.containerPort", number, "must match `hostPort` when `hostNetwork` is true");
                }
            }

            if (port.Text("hostIP") is { Length: > 0 } ip)
            {
                errors.Check($"{at}.hostIP", ip, NameRules.IpAddress(ip));
            }

            errors.CheckRequired($"{at}.protocol", port.Text("protocol"));
        }
    }

    /// <summary>A port of the host can be taken once in a pod.</summary>
    public static void HostConflicts(JsonObject container, string path, HashSet<string> taken, ErrorList errors)
    {
        var i = 0;
        foreach (var port in container.Objects("ports"))
        {
            var at = $"{path}.ports[{i++}].hostPort";
            if (port.Number("hostPort") is { } number && number != 0)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"{port.Text("protocol")}/{port.Text("hostIP")}/{number}");
                if (!taken.Add(key))
                {
                    errors.Duplicate(at, key);
                }
            }
        }
    }

    public static void NumberOrName(JsonNode? port, string path, ErrorList errors)
    {
        if (port.AsText() is { } name)
        {
            errors.Check(path, name, NameRules.PortName(name));
        }
        else
        {
            errors.Port(path, port.AsNumber() ?? 0);
        }
    }
}
