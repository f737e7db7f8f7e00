using System.Text;
using Sealos.Kinds.Core;

namespace Sealos.Node.Pods.Config;

/// <summary>The objects that a container's variables come from, read beforehand; a missing one is absent.</summary>
internal sealed class EnvironmentSources
{
    /// <summary>Config maps by name.</summary>
    public Dictionary<string, ConfigMap> ConfigMaps { get; } = new(StringComparer.Ordinal);

    /// <summary>Secrets by name.</summary>
    public Dictionary<string, Secret> Secrets { get; } = new(StringComparer.Ordinal);

    /// <summary>See <see cref="ServiceEnvironment"/>.</summary>
    public IReadOnlyDictionary<string, string> Services { get; init; } = new Dictionary<string, string>();
}

/// <summary>A container's variables: envFrom, then env with references resolved, then what services add. Pure.</summary>
internal static class ContainerEnvironment
{
    /// <summary>Names of the config maps and secrets that <see cref="Build"/> will look up.</summary>
    public static (HashSet<string> ConfigMaps, HashSet<string> Secrets) References(Container container)
    {
        var maps = (container.EnvFrom ?? []).Select(e => e.ConfigMapRef?.Name).Concat((container.Env ?? []).Select(e => e.ValueFrom?.ConfigMapKeyRef?.Name));
        var secrets = (container.EnvFrom ?? []).Select(e => e.SecretRef?.Name).Concat((container.Env ?? []).Select(e => e.ValueFrom?.SecretKeyRef?.Name));
        return ([.. maps.OfType<string>()], [.. secrets.OfType<string>()]);
    }

    /// <summary>The variables in order.</summary>
    /// <exception cref="ContainerStartException">A reference that is not optional is missing.</exception>
    public static List<KeyValuePair<string, string>> Build(Pod pod, Container container, EnvironmentSources sources, PodSurroundings surroundings)
    {
        var result = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (key, value) in All(source, sources))
            {
                result[source.Prefix + key] = value;
            }
        }

        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is null
                ? Expansion.Expand(variable.Value ?? "", n => result.TryGetValue(n, out var v) ? v : sources.Services.GetValueOrDefault(n))
                : Resolve(pod, container, variable.ValueFrom, new(sources, surroundings));
            if (value is not null)
            {
                result[variable.Name ?? ""] = value;
            }
        }

        foreach (var (name, value) in sources.Services)
        {
            result.TryAdd(name, value);
        }

        return [.. result];
    }

    private static IEnumerable<KeyValuePair<string, string>> All(EnvFromSource source, EnvironmentSources sources)
    {
        if (source.ConfigMapRef is { } map)
        {
            return sources.ConfigMaps.TryGetValue(map.Name ?? "", out var found) ? Sorted(found.Data ?? [])
                : map.Optional == true ? []
                : throw ContainerStartException.Config($"configmap \"{map.Name}\" not found");
        }

        if (source.SecretRef is { } secret)
        {
            return sources.Secrets.TryGetValue(secret.Name ?? "", out var found) ? Sorted((found.Data ?? []).ToDictionary(e => e.Key, e => Encoding.UTF8.GetString(e.Value)))
                : secret.Optional == true ? []
                : throw ContainerStartException.Config($"secret \"{secret.Name}\" not found");
        }

        return [];
    }

    private static IEnumerable<KeyValuePair<string, string>> Sorted(Dictionary<string, string> data) => data.OrderBy(e => e.Key, StringComparer.Ordinal);

    // Null leaves the variable out: an optional reference that is missing.
    private static string? Resolve(Pod pod, Container container, EnvVarSource from, Inputs inputs)
    {
        if (from.FieldRef is { } field)
        {
            return FieldValues.OfPod(pod, field.FieldPath ?? "", inputs.Surroundings);
        }

        if (from.ResourceFieldRef is { } resource)
        {
            var of = resource.ContainerName is { Length: > 0 } name ? pod.Containers.Concat(pod.InitContainers).FirstOrDefault(c => c.Name == name) : container;
            return FieldValues.OfResource(of ?? throw ContainerStartException.Config($"resourceFieldRef: there is no container \"{resource.ContainerName}\""), resource.Resource ?? "", resource.Divisor, inputs.Surroundings);
        }

        return from.ConfigMapKeyRef is { } map ? OfConfigMap(pod, map, inputs.Sources) : from.SecretKeyRef is { } secret ? OfSecret(pod, secret, inputs.Sources) : "";
    }

    private static string? OfConfigMap(Pod pod, ConfigMapKeySelector map, EnvironmentSources sources)
    {
        if (!sources.ConfigMaps.TryGetValue(map.Name ?? "", out var found))
        {
            return map.Optional == true ? null : throw ContainerStartException.Config($"configmap \"{map.Name}\" not found");
        }

        return found.Data?.TryGetValue(map.Key ?? "", out var value) == true ? value
            : map.Optional == true ? null
            : throw ContainerStartException.Config($"couldn't find key {map.Key} in ConfigMap {pod.Namespace}/{map.Name}");
    }

    private static string? OfSecret(Pod pod, SecretKeySelector secret, EnvironmentSources sources)
    {
        if (!sources.Secrets.TryGetValue(secret.Name ?? "", out var found))
        {
            return secret.Optional == true ? null : throw ContainerStartException.Config($"secret \"{secret.Name}\" not found");
        }

        return found.Data?.TryGetValue(secret.Key ?? "", out var value) == true ? Encoding.UTF8.GetString(value)
            : secret.Optional == true ? null
            : throw ContainerStartException.Config($"couldn't find key {secret.Key} in Secret {pod.Namespace}/{secret.Name}");
    }

    private readonly record struct Inputs(EnvironmentSources Sources, PodSurroundings Surroundings);
}
