using Sealos.ApiServer.Authorization;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Nobody may grant rights that they do not hold.</summary>
internal sealed class RbacEscalation(EscalationCheck check) : AdmissionPlugin
{
    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Resource.Group == "rbac.authorization.k8s.io" && attributes.Object is { } obj && Enum.TryParse<RbacKind>(attributes.Resource.Kind, out var kind))
        {
            var old = attributes.OldObject is { } before ? JsonText.Write(before) : default(ReadOnlyMemory<byte>);
            if (check.Check(attributes.Context.User, kind, JsonText.Write(obj), old) is { } refusal)
            {
                throw ApiException.From(refusal);
            }
        }

        return ValueTask.CompletedTask;
    }
}
