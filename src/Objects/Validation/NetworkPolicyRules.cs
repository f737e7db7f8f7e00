using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Network policies.</summary>
internal static class NetworkPolicyRules
{
    public static void Check(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        SelectorRules.Selector(spec.Child("podSelector"), "spec.podSelector", errors);
        var i = 0;
        foreach (var rule in spec.Objects("ingress"))
        {
            Rule(rule, "from", $"spec.ingress[{i++}]", errors);
        }

        i = 0;
        foreach (var rule in spec.Objects("egress"))
        {
            Rule(rule, "to", $"spec.egress[{i++}]", errors);
        }

        if (spec.Array("policyTypes") is { Count: > 2 } types)
        {
            errors.Invalid("spec.policyTypes", types, "may not specify more than two policyTypes");
        }
    }

    private static void Rule(JsonObject rule, string peers, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var port in rule.Objects("ports"))
        {
            Port(port, $"{path}.ports[{i++}]", errors);
        }

        i = 0;
        foreach (var peer in rule.Objects(peers))
        {
            Peer(peer, $"{path}.{peers}[{i++}]", errors);
        }
    }

    private static void Port(JsonObject port, string path, ErrorList errors)
    {
        if (port["port"] is { } number)
        {
            PortRules.NumberOrName(number, $"{path}.port", errors);
        }

        if (port.Number("endPort") is not { } end)
        {
            return;
        }

        if (port["port"] is null)
        {
            errors.Required($"{path}.port", "must be specified when `endPort` is specified");
        }
        else if (port.Number("port") is not { } start)
        {
            errors.Invalid($"{path}.endPort", end, "may not be specified when `port` is non-numeric");
        }
        else if (end < start)
        {
            errors.Invalid($"{path}.endPort", end, "must be greater than or equal to `port`");
        }

        errors.Port($"{path}.endPort", end);
    }

    private static void Peer(JsonObject peer, string path, ErrorList errors)
    {
        SelectorRules.Selector(peer.Child("podSelector"), $"{path}.podSelector", errors);
        SelectorRules.Selector(peer.Child("namespaceSelector"), $"{path}.namespaceSelector", errors);
        var block = peer.Child("ipBlock");
        if (block is not null)
        {
            errors.CheckRequired($"{path}.ipBlock.cidr", block.Text("cidr"), NameRules.Cidr);
            var i = 0;
            foreach (var except in block.Texts("except"))
            {
                var field = $"{path}.ipBlock.except[{i++}]";
                errors.Check(field, except, NameRules.Cidr(except));
                if (Range(block.Text("cidr")) is { } whole && Range(except) is { } part
                    && (!whole.Contains(part.BaseAddress) || whole.PrefixLength >= part.PrefixLength))
                {
                    errors.Invalid(field, except, "must be a strict subset of `cidr`");
                }
            }
        }

        CheckKinds(peer, block, path, errors);
    }

    // The range a text stands for, wherever in it the address is; null for what is none.
    private static IPNetwork? Range(string? cidr)
    {
        if (cidr is null || NameRules.Cidr(cidr).Any())
        {
            return null;
        }

        var parts = cidr.Split('/');
        var bytes = IPAddress.Parse(parts[0]).GetAddressBytes();
        var length = int.Parse(parts[1], CultureInfo.InvariantCulture);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(length - (8 * i), 0, 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    private static void CheckKinds(JsonObject peer, JsonObject? block, string path, ErrorList errors)
    {
        var hasSelector = peer["podSelector"] is not null || peer["namespaceSelector"] is not null;
        if (!hasSelector && block is null)
        {
            errors.Required(path, "must specify a peer");
        }
        else if (hasSelector && block is not null)
        {
            errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }
    }
}
