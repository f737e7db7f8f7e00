using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Pods and the pod specs of templates; the parts have files of their own.</summary>
internal static class PodRules
{
    public static void Check(JsonObject obj, ErrorList errors) => Spec(obj.Child("spec") ?? [], "spec", errors);

    /// <summary>What a pod gets only later, by its own subresource.</summary>
    public static void CheckNew(JsonObject obj, ErrorList errors)
    {
        if (obj.Child("spec").Array("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
    }

    /// <summary>A template of a workload: labels, annotations and spec.</summary>
    public static void Template(JsonObject? template, string path, ErrorList errors)
    {
        TemplateMetadata(template, path, errors);
        Spec(template.Child("spec") ?? [], $"{path}.spec", errors);
        if (template.Child("spec").Array("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden($"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
        }
    }

    /// <summary>Labels and annotations alone, where the spec is complete only in the pods.</summary>
    public static void TemplateMetadata(JsonObject? template, string path, ErrorList errors) =>
        MetadataRules.Template(template.Child("metadata"), $"{path}.metadata", errors);

    public static void Spec(JsonObject spec, string path, ErrorList errors)
    {
        var volumes = VolumeRules.Check(spec, $"{path}.volumes", errors);
        var context = new ContainerContext(path, volumes, spec.Flag("hostNetwork") == true, spec.Number("terminationGracePeriodSeconds") ?? 30);
        ContainerRules.CheckAll(spec, context, errors);
        Basics(spec, path, errors);
        SecurityRules.Pod(spec, path, errors);
        Dns(spec, path, errors);
        HostAliases(spec, path, errors);
        Gates(spec, path, errors);
        SchedulingRules.Check(spec, path, errors);
        ResourceRules.Amounts(spec.Child("overhead"), $"{path}.overhead", errors);
        if (spec["resources"] is not null)
        {
            errors.Forbidden($"{path}.resources", "resources of a whole pod are not supported; set them on its containers");
        }
    }

    private static void Basics(JsonObject spec, string path, ErrorList errors)
    {
        SelectorRules.Labels(spec.Child("nodeSelector"), $"{path}.nodeSelector", errors);
        foreach (var (field, rule) in new (string, Func<string, IEnumerable<string>>)[]
        {
            ("serviceAccountName", NameRules.DnsSubdomain), ("nodeName", NameRules.DnsSubdomain), ("priorityClassName", NameRules.DnsSubdomain),
            ("runtimeClassName", NameRules.DnsSubdomain), ("hostname", NameRules.DnsLabel), ("subdomain", NameRules.DnsLabel),
        })
        {
            if (spec.Text(field) is { Length: > 0 } name)
            {
                errors.Check($"{path}.{field}", name, rule(name));
            }
        }

        if (spec.Number("activeDeadlineSeconds") is { } deadline && deadline is < 1 or > int.MaxValue)
        {
            errors.Invalid($"{path}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive");
        }

        if (spec.Flag("shareProcessNamespace") == true && spec.Flag("hostPID") == true)
        {
            errors.Invalid($"{path}.shareProcessNamespace", JsonValue.Create(true), "ShareProcessNamespace and HostPID cannot both be enabled");
        }

        if (spec.Child("os").Text("name") == "windows")
        {
            errors.Invalid($"{path}.os.name", "windows", "this cluster has Linux nodes only");
        }

        if (spec.Array("resourceClaims") is { Count: > 0 })
        {
            errors.Forbidden($"{path}.resourceClaims", "dynamic resource allocation is not supported");
        }
    }

    private static void Dns(JsonObject spec, string path, ErrorList errors)
    {
        var config = spec.Child("dnsConfig");
        if (spec.Text("dnsPolicy") == "None")
        {
            if (config is null)
            {
                errors.Required($"{path}.dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
            }
            else if (config.Array("nameservers") is not { Count: > 0 })
            {
                errors.Required($"{path}.dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
            }
        }

        var servers = config.Texts("nameservers").ToList();
        if (servers.Count > 3)
        {
            errors.InvalidRaw($"{path}.dnsConfig.nameservers", GoText.Strings(servers), "must not have more than 3 nameservers");
        }

        for (var i = 0; i < servers.Count; i++)
        {
            errors.Check($"{path}.dnsConfig.nameservers[{i}]", servers[i], NameRules.IpAddress(servers[i]));
        }

        DnsSearches(config.Texts("searches").ToList(), $"{path}.dnsConfig.searches", errors);
        var option = 0;
        foreach (var entry in config.Objects("options"))
        {
            errors.CheckRequired($"{path}.dnsConfig.options[{option++}]", entry.Text("name"));
        }
    }

    private static void DnsSearches(List<string> searches, string path, ErrorList errors)
    {
        if (searches.Count > 32)
        {
            errors.InvalidRaw(path, GoText.Strings(searches), "must not have more than 32 search paths");
        }

        if (string.Join(' ', searches).Length > 2048)
        {
            errors.InvalidRaw(path, GoText.Strings(searches), "must not have more than 2048 characters (including spaces) in the search list");
        }

        for (var i = 0; i < searches.Count; i++)
        {
            if (searches[i] != ".")
            {
                var name = searches[i].EndsWith('.') ? searches[i][..^1] : searches[i];
                errors.Check($"{path}[{i}]", searches[i], NameRules.DnsSubdomain(name));
            }
        }
    }

    private static void HostAliases(JsonObject spec, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var alias in spec.Objects("hostAliases"))
        {
            var at = $"{path}.hostAliases[{i++}]";
            errors.Check($"{at}.ip", alias.Text("ip") ?? "", NameRules.IpAddress(alias.Text("ip") ?? ""));
            foreach (var host in alias.Texts("hostnames"))
            {
                errors.Check($"{at}.hostnames", host, NameRules.DnsSubdomain(host));
            }
        }
    }

    private static void Gates(JsonObject spec, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var gate in spec.Objects("readinessGates"))
        {
            errors.Check($"{path}.readinessGates[{i++}].conditionType", gate.Text("conditionType") ?? "", NameRules.QualifiedName(gate.Text("conditionType") ?? ""));
        }

        i = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var gate in spec.Objects("schedulingGates"))
        {
            var at = $"{path}.schedulingGates[{i++}]";
            var name = gate.Text("name") ?? "";
            errors.Check(at, name, NameRules.QualifiedName(name));
            if (!seen.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }

        if (seen.Count > 0 && spec.Text("nodeName") is { Length: > 0 })
        {
            errors.Forbidden($"{path}.nodeName", "cannot be set until all schedulingGates have been cleared");
        }
    }
}
