namespace Sealos.ApiServer.Admission;

/// <summary>One rule about writes. Refusals are thrown as <see cref="ApiException"/>.</summary>
internal abstract class AdmissionPlugin
{
    /// <summary>Changes the object, before it is validated.</summary>
    public virtual ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Judges the object as it will be stored.</summary>
    public virtual ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
