using System.Text.Json.Nodes;
using Sealos.Objects.Defaults;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Validation;

/// <summary>Fills in what Kubernetes itself would: first what depends on other fields, then the schema's constant defaults.</summary>
public static class Defaulter
{
    /// <summary>Changes the object in place; it must be pruned. Doing it again changes nothing.</summary>
    public static void Default(JsonObject obj, KindSchema kind) => Default(obj, kind, KubeSchema.Default);

    /// <summary>Changes the object in place; it must be pruned. Doing it again changes nothing.</summary>
    public static void Default(JsonObject obj, KindSchema kind, KubeSchema schema)
    {
        var type = schema.GetType(kind);
        KindDefaults.For(kind.Group, kind.Kind)?.Invoke(obj);
        ConstantDefaults.Fill(obj, type, schema);

        // What was added stands last; equal objects must have equal bytes.
        Pruner.Prune(obj, type, schema);
    }
}
