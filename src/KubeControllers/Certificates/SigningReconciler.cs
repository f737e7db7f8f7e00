using System.Text;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Authorization;
using Sealos.Kinds.Certificates;
using Sealos.KubeControllers.Common;
using Sealos.Objects.Certificates;

namespace Sealos.KubeControllers.Certificates;

/// <summary>Approves what nodes may ask for themselves, signs what is approved, and clears away what is done with.</summary>
internal sealed class SigningReconciler(ControllerContext context, Func<SigningOrder, string>? sign) : IReconciler
{
    private readonly KubeClient _client = context.Client;
    private readonly Informer<CertificateSigningRequest> _requests = context.Informer<CertificateSigningRequest>();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_requests.Get(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } request)
        {
            return ReconcileResult.Done;
        }

        var now = context.Time.GetUtcNow();
        var end = RequestLifetime.EndOf(request);
        if (end <= now)
        {
            await _client.DeleteExactlyAsync(request, null, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        if (Signers.AreOurs(request.Spec?.SignerName) && request.Status?.Certificate is not { Length: > 0 } && Read(request) is { } wish)
        {
            try
            {
                await EnsureAnsweredAsync(request, wish, now, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // It changed or went since it was cached; that event brings it back here.
            }
        }

        return new ReconcileResult(end - now);
    }

    private async Task EnsureAnsweredAsync(CertificateSigningRequest request, SigningRequest wish, DateTimeOffset now, CancellationToken ct)
    {
        if (Has(request, "Denied") || Has(request, "Failed"))
        {
            return;
        }

        if (!Has(request, "Approved"))
        {
            await EnsureApprovedAsync(request, wish, ct).ConfigureAwait(false);
        }
        else if (sign is not null)
        {
            await EnsureSignedAsync(request, wish, now, ct).ConfigureAwait(false);
        }
    }

    private async Task EnsureApprovedAsync(CertificateSigningRequest request, SigningRequest wish, CancellationToken ct)
    {
        var spec = request.Spec!;
        if (spec.SignerName != Signers.NodeClient || Signers.Refusal(Signers.NodeClient, wish, spec.Usages ?? []) is not null)
        {
            return;
        }

        var isOwn = spec.Username == wish.CommonName;
        if (isOwn && await MayAsync(spec, "selfnodeclient", ct).ConfigureAwait(false))
        {
            await AddConditionAsync(request, "approval", new() { Type = "Approved", Reason = "AutoApproved", Message = "A node asked for a certificate of its own and may have one." }, ct).ConfigureAwait(false);
        }
        else if (await MayAsync(spec, "nodeclient", ct).ConfigureAwait(false))
        {
            await AddConditionAsync(request, "approval", new() { Type = "Approved", Reason = "AutoApproved", Message = "Its maker may ask for certificates of nodes." }, ct).ConfigureAwait(false);
        }
    }

    private async Task EnsureSignedAsync(CertificateSigningRequest request, SigningRequest wish, DateTimeOffset now, CancellationToken ct)
    {
        var spec = request.Spec!;
        var usages = spec.Usages ?? [];
        if (Signers.Refusal(spec.SignerName!, wish, usages) is { } refusal)
        {
            await AddConditionAsync(request, "status", new() { Type = "Failed", Reason = "SignerValidationFailure", Message = refusal }, ct).ConfigureAwait(false);
            return;
        }

        var certificate = sign!(Signers.Order(wish, usages, spec.ExpirationSeconds, now));
        var status = new CertificateSigningRequestStatus { Conditions = request.Status?.Conditions, Certificate = Encoding.ASCII.GetBytes(certificate) };
        await WriteAsync(request, "status", status, ct).ConfigureAwait(false);
    }

    private async Task<bool> MayAsync(CertificateSigningRequestSpec spec, string subresource, CancellationToken ct)
    {
        var review = await _client.CreateAsync(
            new SubjectAccessReview
            {
                Spec = new SubjectAccessReviewSpec
                {
                    User = spec.Username,
                    Uid = spec.Uid,
                    Groups = spec.Groups,
                    Extra = spec.Extra,
                    ResourceAttributes = new ResourceAttributes { Group = "certificates.k8s.io", Resource = "certificatesigningrequests", Verb = "create", Subresource = subresource, Version = "*" },
                },
            },
            ct).ConfigureAwait(false);
        return review.Status?.Allowed == true;
    }

    private Task AddConditionAsync(CertificateSigningRequest request, string part, CertificateSigningRequestCondition condition, CancellationToken ct)
    {
        condition.Status = "True";
        var status = new CertificateSigningRequestStatus { Conditions = [.. request.Status?.Conditions ?? [], condition], Certificate = request.Status?.Certificate };
        return WriteAsync(request, part, status, ct);
    }

    private Task WriteAsync(CertificateSigningRequest request, string part, CertificateSigningRequestStatus status, CancellationToken ct) =>
        _client.UpdateAsync(new CertificateSigningRequest { Metadata = request.Metadata, Spec = request.Spec, Status = status }, part, ct);

    private static bool Has(CertificateSigningRequest request, string type) => request.Status?.Conditions?.Exists(c => c.Type == type && c.Status == "True") == true;

    private static SigningRequest? Read(CertificateSigningRequest request)
    {
        try
        {
            return SigningRequest.Parse(request.Spec?.Request ?? []);
        }
        catch (FormatException)
        {
            // The server refuses such requests; one that is there nevertheless nobody can answer.
            return null;
        }
    }
}
