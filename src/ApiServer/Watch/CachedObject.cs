using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;
using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Watch;

/// <summary>One version of one object: its bytes as clients get them, and what lists and watches select by. Never changed.</summary>
internal sealed class CachedObject
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    public required long Revision { get; init; }

    /// <summary>The whole object as UTF-8 JSON with its resourceVersion.</summary>
    public required byte[] Utf8 { get; init; }

    /// <summary>Where <c>"metadata"</c> begins: items of lists leave out the kind and apiVersion before it.</summary>
    public required int BodyStart { get; init; }

    /// <summary>Labels, or null when there are none.</summary>
    public required Dictionary<string, string>? Labels { get; init; }

    /// <summary>Values of the kind's selectable fields, in the order the kind lists them.</summary>
    public required string[] Fields { get; init; }

    /// <summary>Ordering within a kind, the same as the store's keys have.</summary>
    public string Key => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";

    /// <summary>metadata.managedFields as JSON; empty when there are none.</summary>
    public ReadOnlyMemory<byte> ManagedFields => Utf8.AsMemory(ObjectBytes.FindManagedFields(Utf8));

    /// <summary>A tree of the caller's own, without managedFields.</summary>
    public JsonObject Parse() => (JsonObject)JsonText.ParseNode(ObjectBytes.WithoutManagedFields(Utf8))!;

    /// <summary>The same object in another form.</summary>
    public CachedObject With(byte[] utf8) => new()
    {
        Namespace = Namespace,
        Name = Name,
        Uid = Uid,
        Revision = Revision,
        Utf8 = utf8,
        BodyStart = ObjectBytes.BodyStart(utf8),
        Labels = Labels,
        Fields = Fields,
    };

    /// <summary>The same content as of a later revision, as a deletion or a loss of selection reports it.</summary>
    public CachedObject At(long revision)
    {
        var (start, length) = ObjectBytes.FindRevision(Utf8);
        return new CachedObject
        {
            Namespace = Namespace,
            Name = Name,
            Uid = Uid,
            Revision = revision,
            Utf8 = ObjectBytes.ReplaceRevision(Utf8, start, length, revision),
            BodyStart = BodyStart,
            Labels = Labels,
            Fields = Fields,
        };
    }
}
