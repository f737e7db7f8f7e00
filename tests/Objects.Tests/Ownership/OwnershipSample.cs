using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Ownership;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.Tests.Ownership;

/// <summary>A live object that managers apply to, as the server would keep it.</summary>
internal sealed class OwnershipSample(string type)
{
    private readonly TypeSchema _type = KubeSchema.Default.GetType(type);

    public JsonObject Live { get; private set; } = (JsonObject)FieldTypes.BlankOf(KubeSchema.Default.GetType(type)).DeepClone();

    public List<ManagedEntry> Entries { get; private set; } = [];

    public FieldType FieldType => FieldTypes.For(_type);

    /// <summary>The owners and what they own, in a fixed order.</summary>
    public string Owners => string.Join('\n', Entries.Select(e => $"{e.Owner.Manager} {(e.Owner.IsApply ? "Apply" : "Update")} {FieldSetJson.ToText(e.Fields)}").Order(StringComparer.Ordinal));

    public string Json => Encoding.UTF8.GetString(JsonText.Write(Live));

    public OwnershipSample Apply(string manager, string yaml, bool force = false) => Apply(manager, (JsonObject)YamlText.Parse(yaml), force);

    public OwnershipSample Apply(string manager, JsonObject wanted, bool force = false)
    {
        var outcome = Applier.Apply(Live, Entries, wanted, force, Context(manager));
        Live = Pruned(outcome.Object);
        Entries = ManagedFields.Read(ManagedFields.Write(outcome.Entries))!;
        return this;
    }

    public OwnershipSample Update(string manager, Action<JsonObject> change)
    {
        var updated = (JsonObject)Live.DeepClone();
        change(updated);
        updated = Pruned(updated);
        var tracked = OwnershipTracker.Update(Entries, FieldComparer.Compare(Live, updated, FieldType), Context(manager));
        Live = updated;
        Entries = ManagedFields.Read(ManagedFields.Write(tracked.Entries))!;
        return this;
    }

    private OwnershipContext Context(string manager) => new(manager, "v1", "2026-01-01T00:00:00Z") { Type = FieldType, Blank = FieldTypes.BlankOf(_type) };

    private JsonObject Pruned(JsonObject obj)
    {
        Pruner.Prune(obj, _type);
        return obj;
    }
}
