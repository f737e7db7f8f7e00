using System.Text;
using Sealos.Kinds.Core;
using Sealos.Objects.Serialization;

namespace Sealos.Node.Volumes;

/// <summary>Files made from objects. Pure.</summary>
internal static class Payloads
{
    /// <summary>What Kubernetes gives files when nobody says otherwise: readable by all, writable by root.</summary>
    public const int DefaultMode = 0b110_100_100;

    /// <summary>The keys of a ConfigMap or Secret that are wanted, as files.</summary>
    /// <param name="what">Kind and name, for messages.</param>
    /// <param name="data">All keys.</param>
    /// <param name="items">The keys wanted, or null for all.</param>
    /// <param name="mode">Permissions of files that name none.</param>
    /// <param name="isOptional">Whether a key may be missing.</param>
    public static Dictionary<string, PayloadFile> FromKeys(string what, IReadOnlyDictionary<string, byte[]> data, List<KeyToPath>? items, int mode, bool isOptional)
    {
        if (items is null or [])
        {
            return data.ToDictionary(d => d.Key, d => new PayloadFile(d.Value, (UnixFileMode)mode));
        }

        var files = new Dictionary<string, PayloadFile>();
        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key ?? "", out var value))
            {
                files[Normal(item.Path)] = new PayloadFile(value, (UnixFileMode)(item.Mode ?? mode));
            }
            else if (!isOptional)
            {
                throw new InvalidDataException($"{what} has no key \"{item.Key}\"");
            }
        }

        return files;
    }

    /// <summary>Everything a ConfigMap holds.</summary>
    public static Dictionary<string, byte[]> Data(ConfigMap map)
    {
        var data = (map.Data ?? []).ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value));
        foreach (var (key, value) in map.BinaryData ?? [])
        {
            data[key] = value;
        }

        return data;
    }

    /// <summary>Fields of the pod, as files.</summary>
    public static Dictionary<string, PayloadFile> FromPod(Pod pod, List<DownwardAPIVolumeFile>? items, int mode, ResourceValue resourceValue)
    {
        var files = new Dictionary<string, PayloadFile>();
        foreach (var item in items ?? [])
        {
            var value = item.ResourceFieldRef is { } resource ? OfResource(pod, resource, resourceValue) : OfField(pod, item.FieldRef?.FieldPath ?? "");
            files[Normal(item.Path)] = new PayloadFile(Encoding.UTF8.GetBytes(value), (UnixFileMode)(item.Mode ?? mode));
        }

        return files;
    }

    /// <summary>Labels or annotations, one a line in the order of their names: <c>name="value"</c>.</summary>
    internal static string Lines(IReadOnlyDictionary<string, string>? map) =>
        string.Join('\n', (map ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={GoString.Quote(p.Value)}"));

    private static string Normal(string? path) => string.Join('/', (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."));

    private static string OfField(Pod pod, string path)
    {
        var map = path.StartsWith("metadata.labels", StringComparison.Ordinal) ? pod.Metadata.Labels : pod.Metadata.Annotations;
        return path switch
        {
            "metadata.name" => pod.Metadata.Name ?? "",
            "metadata.namespace" => pod.Metadata.Namespace ?? "",
            "metadata.uid" => pod.Metadata.Uid ?? "",
            "metadata.labels" or "metadata.annotations" => Lines(map),
            _ when (path.StartsWith("metadata.labels['", StringComparison.Ordinal) || path.StartsWith("metadata.annotations['", StringComparison.Ordinal)) && path.EndsWith("']", StringComparison.Ordinal) =>
                map?.GetValueOrDefault(path[(path.IndexOf('\'') + 1)..^2]) ?? "",
            _ => throw new InvalidDataException($"fieldRef: field path \"{path}\" is not supported in a volume"),
        };
    }

    private static string OfResource(Pod pod, ResourceFieldSelector selector, ResourceValue resourceValue)
    {
        var container = (pod.Spec?.Containers ?? []).Concat(pod.Spec?.InitContainers ?? []).FirstOrDefault(c => c.Name == selector.ContainerName)
            ?? throw new InvalidDataException($"resourceFieldRef: the pod has no container \"{selector.ContainerName}\"");
        return resourceValue(container, selector);
    }
}

/// <summary>The value of a container's resource, in the units that the selector asks for.</summary>
internal delegate string ResourceValue(Container container, ResourceFieldSelector selector);
