using System.Text.Json.Serialization;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.Kinds;

/// <summary>An object of any kind.</summary>
public interface IKubeObject
{
    /// <summary>Group and version; absent on items of lists of built-in kinds.</summary>
    string? ApiVersion { get; set; }

    /// <summary>Kind; absent on items of lists of built-in kinds.</summary>
    string? Kind { get; set; }

    /// <summary>Name, namespace, labels and the rest.</summary>
    ObjectMeta Metadata { get; set; }
}

/// <summary>An object whose kind is known at compile time.</summary>
public interface IKubeObject<TSelf> : IKubeObject
    where TSelf : class, IKubeObject<TSelf>, new()
{
    /// <summary>How the kind is addressed.</summary>
    static abstract KubeKind KubeKind { get; }
}

/// <summary>Metadata of a list.</summary>
public sealed class ListMeta
{
    /// <summary>The version the list is a snapshot of.</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>Token of the next page.</summary>
    public string? Continue { get; set; }

    /// <summary>How many objects the next pages hold, when known.</summary>
    public long? RemainingItemCount { get; set; }
}

/// <summary>A list of objects of one kind.</summary>
public sealed class KubeList<T>
{
    /// <summary>Group and version.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>The list kind, such as <c>PodList</c>.</summary>
    public string? Kind { get; set; }

    /// <summary>Version and paging.</summary>
    public ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public List<T> Items { get; set; } = [];
}

/// <summary>One event of a watch.</summary>
public sealed class WatchEvent<T>
{
    /// <summary><c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c> or <c>BOOKMARK</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>The object; for a bookmark only its resource version.</summary>
    [JsonPropertyName("object")]
    public T? Object { get; set; }
}
