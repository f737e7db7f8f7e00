using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What a container's rules need to know of its pod.</summary>
internal sealed record ContainerContext(string PodPath, IReadOnlyDictionary<string, JsonObject> Volumes, bool IsHostNetwork, long GracePeriod);

/// <summary>Containers, init containers and ephemeral containers.</summary>
internal static class ContainerRules
{
    public static void CheckAll(JsonObject spec, ContainerContext context, ErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var hostPorts = new HashSet<string>(StringComparer.Ordinal);
        if (spec.Array("containers") is not { Count: > 0 })
        {
            errors.Required($"{context.PodPath}.containers");
        }

        var i = 0;
        foreach (var container in spec.Objects("containers"))
        {
            var path = $"{context.PodPath}.containers[{i++}]";
            Name(container, path, names, errors);
            Common(container, path, context, errors);
            Hooks(container, path, context, errors);
            PortRules.Check(container, path, context.IsHostNetwork, errors);
            PortRules.HostConflicts(container, path, hostPorts, errors);
            PodResizeRules.Policy(container, path, spec.Text("restartPolicy") == "Never", errors);
            if (container.Text("restartPolicy") is { Length: > 0 })
            {
                errors.Forbidden($"{path}.restartPolicy", "may not be set for non-init containers");
            }
        }

        i = 0;
        foreach (var container in spec.Objects("initContainers"))
        {
            InitContainer(container, $"{context.PodPath}.initContainers[{i++}]", context, names, errors);
        }

        i = 0;
        foreach (var container in spec.Objects("ephemeralContainers"))
        {
            EphemeralContainer(container, $"{context.PodPath}.ephemeralContainers[{i++}]", context, names, errors);
        }
    }

    private static void InitContainer(JsonObject container, string path, ContainerContext context, HashSet<string> names, ErrorList errors)
    {
        Name(container, path, names, errors);
        Common(container, path, context, errors);
        PortRules.Check(container, path, context.IsHostNetwork, errors);
        var restart = container.Text("restartPolicy");
        if (restart == "Always")
        {
            Hooks(container, path, context, errors);
            return;
        }

        if (!string.IsNullOrEmpty(restart))
        {
            errors.NotSupported($"{path}.restartPolicy", restart, ["Always"]);
        }

        foreach (var field in (ReadOnlySpan<string>)["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[field] is not null)
            {
                errors.Forbidden($"{path}.{field}", "may not be set for init containers without restartPolicy=Always");
            }
        }
    }

    private static void EphemeralContainer(JsonObject container, string path, ContainerContext context, HashSet<string> names, ErrorList errors)
    {
        var target = container.Text("targetContainerName");
        if (!string.IsNullOrEmpty(target) && !names.Contains(target))
        {
            errors.NotFound($"{path}.targetContainerName", target);
        }

        Name(container, path, names, errors);
        Common(container, path, context, errors);
        foreach (var field in (ReadOnlySpan<string>)["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "restartPolicy", "resizePolicy"])
        {
            if (container[field] is not null)
            {
                errors.Forbidden($"{path}.{field}", "cannot be set for an Ephemeral Container");
            }
        }

        if (container.Child("resources") is { } resources && (resources["limits"] is not null || resources["requests"] is not null))
        {
            errors.Forbidden($"{path}.resources", "cannot be set for an Ephemeral Container");
        }
    }

    private static void Name(JsonObject container, string path, HashSet<string> names, ErrorList errors)
    {
        var name = container.Text("name") ?? "";
        errors.CheckRequired($"{path}.name", name, NameRules.DnsLabel);
        if (name.Length > 0 && !names.Add(name))
        {
            errors.Duplicate($"{path}.name", name);
        }
    }

    private static void Common(JsonObject container, string path, ContainerContext context, ErrorList errors)
    {
        var image = container.Text("image") ?? "";
        errors.CheckRequired($"{path}.image", image);
        if (image.Trim().Length != image.Length)
        {
            errors.Invalid($"{path}.image", image, "must not have leading or trailing whitespace");
        }

        EnvRules.Check(container, path, errors);
        MountRules.Check(container, path, context.Volumes, errors);
        ResourceRules.Requirements(container.Child("resources"), $"{path}.resources", errors);
        SecurityRules.Container(container.Child("securityContext"), $"{path}.securityContext", errors);
    }

    private static void Hooks(JsonObject container, string path, ContainerContext context, ErrorList errors)
    {
        foreach (var hook in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            if (container.Child("lifecycle", hook) is { } handler)
            {
                ProbeRules.Handler(handler, $"{path}.lifecycle.{hook}", context.GracePeriod, errors);
            }
        }

        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Child(probe) is { } settings)
            {
                ProbeRules.Check(settings, probe, $"{path}.{probe}", errors);
            }
        }
    }
}
