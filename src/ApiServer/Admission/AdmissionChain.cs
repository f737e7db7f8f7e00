namespace Sealos.ApiServer.Admission;

/// <summary>All rules about writes, in Kubernetes' order: first everyone mutates, later everyone validates.</summary>
internal sealed class AdmissionChain(IReadOnlyList<AdmissionPlugin> plugins)
{
    public async ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            await plugin.MutateAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            await plugin.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }
}
