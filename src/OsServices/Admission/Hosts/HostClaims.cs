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

    /// <summary>The text by which a workspace proves that a host is its own.</summary>
    public string TokenOf(string workspace) =>
        "sealos-" + Convert.ToHexStringLower(HMACSHA256.HashData(parts.Key(), Encoding.UTF8.GetBytes("host of " + workspace)))[..32];

    public async Task<Refusal?> TakeAsync(HostWant want, CancellationToken ct)
    {
        if (await parts.Client.FindAsync<HostClaim>(null, want.Host, ct).ConfigureAwait(false) is { } claim)
        {
            return await KeepAsync(claim, want, ct).ConfigureAwait(false);
        }

        // The operator's own namespaces have hosts without claims.
        if (parts.IsUsedElsewhere(want.Host, want.Namespace))
        {
            return Taken(want.Host);
        }

        var proof = want.IsOwnDomain ? await ProveAsync(want, ct).ConfigureAwait(false) : SubDomain;
        if (proof is null)
        {
            return new Refusal($"40300: '{want.Host}' is not proven to be yours: add the TXT record {ChallengePrefix}{want.Host} with the value {TokenOf(want.Namespace)}, or make it a CNAME of a host that this workspace has under {parts.Domain}");
        }

        return want.IsDryRun ? null : await CreateAsync(want, proof, ct).ConfigureAwait(false);
    }

    private static Refusal Taken(string host) => new($"40301: '{host}' is taken by another workspace; choose another host");

    private async Task<Refusal?> CreateAsync(HostWant want, string proof, CancellationToken ct)
    {
        try
        {
            var made = await parts.Client.CreateAsync(
                new HostClaim { Metadata = new ObjectMeta { Name = want.Host }, Spec = new HostClaimSpec { Namespace = want.Namespace, UsedAt = parts.Time.GetUtcNow() } }, ct).ConfigureAwait(false);
            made.Status = new HostClaimStatus { Proof = proof };
            await parts.Client.UpdateStatusAsync(made, ct).ConfigureAwait(false);
            return null;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Somebody was quicker; perhaps this workspace itself, in another request.
            return await parts.Client.FindAsync<HostClaim>(null, want.Host, ct).ConfigureAwait(false) is { } claim ? await KeepAsync(claim, want, ct).ConfigureAwait(false) : Taken(want.Host);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // The state is for people; the claim is made.
            return null;
        }
    }

    // Being wanted again is noted, so that the claim is not given back while the Ingress is about to be stored.
    private async Task<Refusal?> KeepAsync(HostClaim claim, HostWant want, CancellationToken ct)
    {
        if (claim.Spec?.Namespace != want.Namespace || claim.Metadata.DeletionTimestamp is not null)
        {
            return Taken(want.Host);
        }

        if (!want.IsDryRun)
        {
            var used = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = claim.Metadata.ResourceVersion },
                ["spec"] = new JsonObject { ["usedAt"] = parts.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) },
            };
            await NoteUseAsync(claim.Metadata.Name!, used, ct).ConfigureAwait(false);
        }

        return null;
    }

    private async Task NoteUseAsync(string host, JsonObject used, CancellationToken ct)
    {
        try
        {
            await parts.Client.PatchAsync<HostClaim>(null, host, used, null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Changed since it was read, and perhaps given back: the client asks again.
            throw new HostClaimMovedException(host);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            throw new HostClaimMovedException(host);
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

        // An alias of the cloud at large proves nothing: anybody's host leads here.
        return alias is not null && alias.EndsWith("." + parts.Domain, StringComparison.Ordinal)
            && await parts.Client.FindAsync<HostClaim>(null, alias, ct).ConfigureAwait(false) is { } target && target.Spec?.Namespace == want.Namespace
            ? "CNAME"
            : null;
    }
}

/// <summary>What claims are made with.</summary>
internal sealed record HostClaimParts(KubeClient Client, IHostProof Proof, string Domain, TimeProvider Time)
{
    /// <summary>The secret from which the workspaces' proofs are derived.</summary>
    public required Func<byte[]> Key { get; init; }

    /// <summary>Whether an Ingress of another namespace has the host.</summary>
    public required Func<string, string, bool> IsUsedElsewhere { get; init; }
}

/// <summary>A claim has changed hands while it was looked at.</summary>
internal sealed class HostClaimMovedException(string host) : Exception($"the claim of host '{host}' is changing; try again");
