using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission.Webhooks;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>What is done to an object.</summary>
internal enum Operation
{
    Create,
    Update,
    Delete,
    Connect,
}

/// <summary>The kind in which a part of an object is written, and the part's path.</summary>
internal sealed record PartKind(KindSchema Kind, string Subresource);

/// <summary>A write as admission sees it; <see cref="Object"/> may be changed while it is being mutated.</summary>
internal sealed record AdmissionAttributes(Operation Operation, Resource Resource, WriteContext Context)
{
    /// <summary>The namespace; empty for cluster-scoped objects. For namespaces, their own name.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name; empty while it is still to be generated.</summary>
    public string Name { get; init; } = "";

    /// <summary>The object as it shall be; null for deletions.</summary>
    public JsonObject? Object { get; init; }

    /// <summary>The object as it is; null for creations.</summary>
    public JsonObject? OldObject { get; init; }

    public string? Subresource => Part?.Subresource ?? Context.Subresource;

    /// <summary>Set when <see cref="Object"/> is not of the resource's own kind: a part with a form of its own, such as a scale or an eviction.</summary>
    public PartKind? Part { get; init; }

    /// <summary>Who owns the object's fields, as JSON; trees do not hold it.</summary>
    public ReadOnlyMemory<byte> ManagedFields { get; init; }

    /// <summary>The same of the object as it is.</summary>
    public ReadOnlyMemory<byte> OldManagedFields { get; init; }

    /// <summary>Where the write stands with the mutating webhooks; null while none was asked.</summary>
    public WebhookRound? Round { get; set; }

    /// <summary>Whether this is a write of that kind itself, not of a subresource.</summary>
    public bool Concerns(string group, string plural) => Subresource is null && Resource.Plural == plural && Resource.Group == group;

    /// <summary>The name as refusals tell it: while it is still to be generated, what it will begin with.</summary>
    public string ShownName => Name.Length > 0 ? Name : Object.Child("metadata").Text("generateName") is { Length: > 0 } baseName ? baseName : "Unknown";

    public ApiException Forbidden(string why) => ApiException.Forbidden(Resource.Group, Resource.Plural, ShownName, why);
}
