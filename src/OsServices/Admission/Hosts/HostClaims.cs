using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>Hosts as claims in the API: whoever creates the one of a host's name has it, and everybody else is told so.</summary>
internal sealed class HostClaims(HostClaimParts parts) : IHostClaims
{
    private const string ChallengePrefix = "_sealos-challenge.";
    private const string SubDomain = "SubDomain";
    private const int Attempts = 4;

    // Much shorter than an unused claim stays.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private readonly ProofTurns _turns = new();

    /// <summary>The text by which a workspace proves that a host is its own.</summary>
    public string TokenOf(string workspace) =>
        "sealos-" + Convert.ToHexStringLower(HMACSHA256.HashData(parts.Key(), Encoding.UTF8.GetBytes("host of " + workspace)))[..32];

    public async Task<Refusal?> TakeAsync(HostWant want, CancellationToken ct)
    {
        // A claim may be given back, or made by another, between two looks.
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var claim = await parts.Client.FindAsync<HostClaim>(null, want.Host, ct).ConfigureAwait(false);
            var (isSettled, refusal) = claim is null ? await MakeAsync(want, ct).ConfigureAwait(false) : await KeepAsync(claim, want, ct).ConfigureAwait(false);
            if (isSettled)
            {
                return refusal;
            }
        }

        return new Refusal($"50000: whose '{want.Host}' is changes at the moment; try again", 500);
    }

    private static Refusal Taken(string host) => new($"40301: '{host}' is taken by another workspace; choose another host");

    private async Task<(bool IsSettled, Refusal? Refusal)> MakeAsync(HostWant want, CancellationToken ct)
    {
        // The operator's own namespaces have hosts without claims.
        if (parts.IsUsedElsewhere(want.Host, want.Namespace))
        {
            return (true, Taken(want.Host));
        }

        if (parts.CountOf(want.Namespace) >= parts.HostsPerWorkspace)
        {
            return (true, new Refusal($"40300: {want.Namespace} has {parts.HostsPerWorkspace} hosts, which is the most a workspace may have; delete an Ingress first"));
        }

        using var turn = want.IsOwnDomain ? await _turns.TakeAsync(want.Namespace, ct).ConfigureAwait(false) : null;
        if (want.IsOwnDomain && turn is null)
        {
            return (true, new Refusal($"40300: {want.Namespace} already waits for the proofs of {ProofTurns.MostWaiting} other hosts; try '{want.Host}' again in a moment", 429));
        }

        var proof = want.IsOwnDomain ? await ProveAsync(want, ct).ConfigureAwait(false) : SubDomain;
        if (proof is null)
        {
            return (true, new Refusal($"40300: '{want.Host}' is not proven to be yours: add the TXT record {ChallengePrefix}{want.Host} with the value {TokenOf(want.Namespace)}, or make it a CNAME of {TokenOf(want.Namespace)}.{parts.Domain}"));
        }

        return (want.IsDryRun || await TryCreateAsync(want, proof, ct).ConfigureAwait(false), null);
    }

    private async Task<bool> TryCreateAsync(HostWant want, string proof, CancellationToken ct)
    {
        HostClaim made;
        try
        {
            made = await parts.Client.CreateAsync(
                new HostClaim { Metadata = new ObjectMeta { Name = want.Host }, Spec = new HostClaimSpec { Namespace = want.Namespace, UsedAt = parts.Time.GetUtcNow() } }, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Somebody was quicker; perhaps this workspace itself, in another request.
            return false;
        }

        try
        {
            made.Status = new HostClaimStatus { Proof = proof };
            await parts.Client.UpdateStatusAsync(made, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // The state is for people; the claim is made.
        }

        return true;
    }

    // Being wanted again is noted, so that the claim is not given back while the Ingress is about to be stored.
    private async Task<(bool IsSettled, Refusal? Refusal)> KeepAsync(HostClaim claim, HostWant want, CancellationToken ct)
    {
        if (claim.Spec is not { } spec || spec.Namespace != want.Namespace || claim.Metadata.DeletionTimestamp is not null)
        {
            return (true, Taken(want.Host));
        }

        var now = parts.Time.GetUtcNow();
        if (want.IsDryRun || now - spec.UsedAt < Fresh)
        {
            return (true, null);
        }

        var used = new JsonObject { ["spec"] = new JsonObject { ["usedAt"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) } };
        try
        {
            var kept = await parts.Client.PatchAsync<HostClaim>(null, want.Host, used, null, ct).ConfigureAwait(false);
            return (kept.Spec?.Namespace == want.Namespace, null);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return (false, null);
        }
    }

    private async Task<string?> ProveAsync(HostWant want, CancellationToken ct)
    {
        var token = TokenOf(want.Namespace);
        var texts = parts.Proof.TextsAsync(ChallengePrefix + want.Host, ct);
        var alias = await parts.Proof.AliasAsync(want.Host, ct).ConfigureAwait(false);
        if ((await texts.ConfigureAwait(false)).Any(t => t.Trim() == token))
        {
            return "TXT";
        }

        // An alias of the cloud's domain, or of any host there, proves nothing: who has that host may change, or have been another.
        return alias == $"{token}.{parts.Domain.ToLowerInvariant()}" ? "CNAME" : null;
    }
}

/// <summary>What claims are made with.</summary>
internal sealed record HostClaimParts(KubeClient Client, IHostProof Proof, string Domain, TimeProvider Time)
{
    /// <summary>The secret from which the workspaces' proofs are derived.</summary>
    public required Func<byte[]> Key { get; init; }

    /// <summary>Whether an Ingress of another namespace has the host.</summary>
    public required Func<string, string, bool> IsUsedElsewhere { get; init; }

    /// <summary>How many hosts a workspace has, as far as is known here; of many writes at the same time a few may be too many.</summary>
    public required Func<string, int> CountOf { get; init; }

    /// <summary>How many it may have.</summary>
    public required int HostsPerWorkspace { get; init; }
}
