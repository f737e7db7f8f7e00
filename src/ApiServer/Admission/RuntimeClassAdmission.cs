using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Runtime classes are not served yet, so a pod that asks for one cannot have it: it is told so instead of run elsewhere.</summary>
internal sealed class RuntimeClassAdmission : AdmissionPlugin
{
    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken) =>
        attributes.Operation == Operation.Create && attributes.Concerns("", "pods") && attributes.Object.Child("spec").Text("runtimeClassName") is { Length: > 0 } name
            ? throw attributes.Forbidden($"pod rejected: RuntimeClass \"{name}\" not found")
            : ValueTask.CompletedTask;
}
