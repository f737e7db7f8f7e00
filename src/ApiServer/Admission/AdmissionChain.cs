using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission.Quota;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Strategies;

namespace Sealos.ApiServer.Admission;

/// <summary>All rules about writes, in Kubernetes' order: first everyone mutates, later everyone validates.</summary>
internal sealed class AdmissionChain(IReadOnlyList<AdmissionPlugin> plugins, QuotaLedger quotas)
{
    public async ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Context.SkipsAdmission)
        {
            return;
        }

        await MutateOnceAsync(attributes, cancellationToken).ConfigureAwait(false);
        if (attributes.Round is { HasChanged: true } round)
        {
            // What a webhook added or changed, the rules before it have not seen.
            round.IsSecond = true;
            await MutateOnceAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Charges a write to the namespace's quotas, last of all and at the moment of the write, so that no race gets past them.</summary>
    public IReservation? Reserve(AdmissionAttributes attributes) => quotas.Reserve(attributes);

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Context.SkipsAdmission)
        {
            return;
        }

        foreach (var plugin in plugins)
        {
            await plugin.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks everyone about a connection to something that runs.</summary>
    public async Task ConnectAsync(ApiRequest request, string optionsKind)
    {
        var attributes = ConnectOptions.Attributes(request, optionsKind);
        await MutateAsync(attributes, request.Aborted).ConfigureAwait(false);
        await ValidateAsync(attributes, request.Aborted).ConfigureAwait(false);
    }

    /// <summary>Asks everyone about something that is posted to an object, which may be changed before it takes effect.</summary>
    public async Task PostAsync(ApiRequest request, WriteContext context, JsonObject posted, (PartKind? Part, string Name) what)
    {
        var attributes = new AdmissionAttributes(Operation.Create, request.Resource, context)
        {
            Namespace = request.Namespace,
            Name = what.Name,
            Object = posted,
            Part = what.Part,
        };
        await MutateAsync(attributes, request.Aborted).ConfigureAwait(false);
        await ValidateAsync(attributes, request.Aborted).ConfigureAwait(false);
    }

    private async ValueTask MutateOnceAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            await plugin.MutateAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }
}
