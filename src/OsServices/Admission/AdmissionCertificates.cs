using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;

namespace Sealos.OsServices.Admission;

/// <summary>What the server shows and the configurations trust.</summary>
/// <param name="Authority">PEM of the authority.</param>
/// <param name="Certificate">The server's certificate with its key.</param>
/// <param name="Key">The secret from which the address and the workspaces' proofs are derived.</param>
internal sealed record AdmissionIdentity(string Authority, X509Certificate2 Certificate, byte[] Key)
{
    /// <summary>The part of the address that only the API server is told, so that nobody else's questions are answered.</summary>
    public string Path { get; } = Convert.ToHexStringLower(HMACSHA256.HashData(Key, "path"u8))[..32];
}

/// <summary>The server's certificate and its authority, kept in a Secret that every copy of the server reads.</summary>
internal sealed class AdmissionCertificates(KubeClient client, AdmissionOptions options, TimeProvider time)
{
    private const int KeyBytes = 32;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(398);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(120);
    private static readonly TimeSpan RenewAuthorityBefore = TimeSpan.FromDays(400);

    /// <summary>The present identity: the one in the Secret unless there is none, or it ends soon.</summary>
    public async Task<AdmissionIdentity> EnsureAsync(CancellationToken ct)
    {
        var secret = await client.FindAsync<Secret>(AdmissionNames.Namespace, AdmissionNames.Secret, ct).ConfigureAwait(false);
        if (secret is not null && TryRead(secret) is { } present)
        {
            return present;
        }

        var wanted = Renew(secret);
        try
        {
            if (secret is null)
            {
                // Others keep their things in it, too.
                await client.TryCreateAsync(new Namespace { Metadata = new ObjectMeta { Name = AdmissionNames.Namespace } }, ct).ConfigureAwait(false);
                await client.CreateAsync(wanted, ct).ConfigureAwait(false);
            }
            else
            {
                await client.UpdateAsync(wanted, ct).ConfigureAwait(false);
            }
        }
        catch (ApiException e) when (e.IsAlreadyExists || e.IsConflict)
        {
            // Another copy of this server was quicker: its word is everybody's.
            wanted = await client.GetAsync<Secret>(AdmissionNames.Namespace, AdmissionNames.Secret, ct).ConfigureAwait(false);
        }

        return TryRead(wanted) ?? throw new InvalidDataException($"Secret {AdmissionNames.Namespace}/{AdmissionNames.Secret} holds no certificate that can be used");
    }

    private AdmissionIdentity? TryRead(Secret secret)
    {
        if (Text(secret, "ca.crt") is not { } authority || Text(secret, "tls.crt") is not { } certificate || Text(secret, "tls.key") is not { } key || secret.Data!.GetValueOrDefault("key") is not { Length: KeyBytes } shared)
        {
            return null;
        }

        try
        {
            var pair = new KeyPair(certificate, key).ToCertificate();
            if (pair.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > RenewBefore && pair.MatchesHostname(Name()))
            {
                return new AdmissionIdentity(authority, pair, shared);
            }

            pair.Dispose();
        }
        catch (CryptographicException)
        {
            // Somebody wrote something else into it.
        }

        return null;
    }

    private Secret Renew(Secret? secret)
    {
        using var authority = LoadAuthority(secret) ?? CertificateAuthority.Create("sealos-admission", time);
        var server = authority.IssueServer([Name(), "localhost"], [IPAddress.Loopback, IPAddress.IPv6Loopback], Lifetime);
        var shared = secret?.Data?.GetValueOrDefault("key") is { Length: KeyBytes } kept ? kept : RandomNumberGenerator.GetBytes(KeyBytes);
        return new Secret
        {
            Metadata = secret?.Metadata ?? new ObjectMeta { Name = AdmissionNames.Secret, Namespace = AdmissionNames.Namespace },
            Type = secret?.Type ?? "Opaque",
            Data = new Dictionary<string, byte[]>
            {
                ["ca.crt"] = Encoding.ASCII.GetBytes(authority.Pair.CertificatePem),
                ["ca.key"] = Encoding.ASCII.GetBytes(authority.Pair.KeyPem),
                ["tls.crt"] = Encoding.ASCII.GetBytes(server.CertificatePem),
                ["tls.key"] = Encoding.ASCII.GetBytes(server.KeyPem),
                ["key"] = shared,
            },
        };
    }

    private CertificateAuthority? LoadAuthority(Secret? secret)
    {
        if (secret is null || Text(secret, "ca.crt") is not { } certificate || Text(secret, "ca.key") is not { } key)
        {
            return null;
        }

        try
        {
            var pair = new KeyPair(certificate, key);
            using var loaded = pair.ToCertificate();
            return loaded.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > RenewAuthorityBefore ? CertificateAuthority.Load(pair, time) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private string Name() => options.Service is { } service ? $"{service.Name}.{service.Namespace}.svc" : "localhost";

    private static string? Text(Secret secret, string key) => secret.Data?.GetValueOrDefault(key) is { Length: > 0 } bytes ? Encoding.ASCII.GetString(bytes) : null;
}
