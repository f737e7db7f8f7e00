using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Strategies;

/// <summary>Autoscalers written as v1 are judged as what they will be stored as, too: annotations hold most of them.</summary>
internal sealed class AutoscalerStrategy : Strategy
{
    private static readonly KindSchema StoredKind = KubeSchema.Default.FindKind("autoscaling/v2", "HorizontalPodAutoscaler")!;
    private static readonly AutoscalerConversion Conversion = new(KubeSchema.Default.GetType(StoredKind));

    public override IEnumerable<FieldError> ValidateCreate(JsonObject obj) => Hidden(obj);

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject obj, JsonObject old) => Hidden(obj);

    private static IEnumerable<FieldError> Hidden(JsonObject obj)
    {
        if (obj.Text("apiVersion") == StoredKind.GroupVersion)
        {
            return [];
        }

        var stored = (JsonObject)obj.DeepClone();
        Conversion.ToStored(stored);
        return Validator.ValidateCreate(stored, StoredKind)
            .Where(e => e.Field.StartsWith("spec.metrics", StringComparison.Ordinal) || e.Field.StartsWith("spec.behavior", StringComparison.Ordinal));
    }
}
