using System.Text.Json.Nodes;

namespace Sealos.Objects.Ownership;

/// <summary>Who writes an object of which type, and when.</summary>
/// <param name="Manager">The manager's name.</param>
/// <param name="ApiVersion">The version the object is written in.</param>
/// <param name="Time">Now, as RFC 3339 with seconds.</param>
public sealed record OwnershipContext(string Manager, string ApiVersion, string Time)
{
    /// <summary>The type of the object.</summary>
    public required FieldType Type { get; init; }

    /// <summary>An object of the type before anything is set in it.</summary>
    public JsonObject Blank { get; init; } = [];

    /// <summary>The subresource that is written, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The fields that this request can change, and so own; others do not count, whatever it says.</summary>
    public FieldFilter Counting { get; init; } = FieldFilter.All;

    /// <summary>Changes as another version names them; null when that version is not served any more.</summary>
    public Func<string, FieldChanges, FieldChanges?> InVersion { get; init; } = (_, changes) => changes;

    internal FieldOwner Owner(bool isApply) => new(Manager.Length == 0 ? "unknown" : Manager, isApply, ApiVersion, Subresource);

    internal FieldChanges? ChangesFor(FieldOwner owner, FieldChanges changes) => owner.ApiVersion == ApiVersion ? changes : InVersion(owner.ApiVersion, changes);
}
