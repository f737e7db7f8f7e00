using Sealos.ApiServer.Admission.Quota;
using Sealos.ApiServer.Strategies;

namespace Sealos.ApiServer.Admission;

/// <summary>All rules about writes, in Kubernetes' order: first everyone mutates, later everyone validates.</summary>
internal sealed class AdmissionChain(IReadOnlyList<AdmissionPlugin> plugins, QuotaLedger quotas)
{
    public async ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            await plugin.MutateAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Charges a write to the namespace's quotas, last of all and at the moment of the write, so that no race gets past them.</summary>
    public IReservation? Reserve(AdmissionAttributes attributes) => quotas.Reserve(attributes);

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            await plugin.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }
}
