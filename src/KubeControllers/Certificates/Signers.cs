using System.Security.Cryptography.X509Certificates;
using Sealos.ControllerKit.Certificates;
using Sealos.Objects.Certificates;

namespace Sealos.KubeControllers.Certificates;

/// <summary>What Kubernetes' own signers sign, and with what.</summary>
internal static class Signers
{
    public const string Client = "kubernetes.io/kube-apiserver-client";
    public const string NodeClient = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string NodeServing = "kubernetes.io/kubelet-serving";

    private const string DigitalSignature = "digital signature";
    private const string KeyEncipherment = "key encipherment";
    private const string ClientAuth = "client auth";
    private const string ServerAuth = "server auth";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    // Clocks differ; of what lives long the time before now is taken off its end.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromHours(8);

    public static bool AreOurs(string? signer) => signer is Client or NodeClient or NodeServing;

    /// <summary>Why a signer does not sign this; null when it does.</summary>
    public static string? Refusal(string signer, SigningRequest request, IReadOnlyCollection<string> usages) => signer switch
    {
        Client => ClientRefusal(usages),
        NodeClient => NodeRefusal(request, usages, ClientAuth, [request.Names.Dns.Count > 0 ? "DNS subjectAltNames are not allowed" : null, OtherNames(request), request.Names.Addresses.Count > 0 ? "IP subjectAltNames are not allowed" : null]),
        _ => NodeRefusal(request, usages, ServerAuth, [request.Names is { Dns: [], Addresses: [] } ? "DNS or IP subjectAltName is required" : null, OtherNames(request)]),
    };

    /// <summary>How a request is to be signed now.</summary>
    public static SigningOrder Order(SigningRequest request, IReadOnlyCollection<string> usages, int? seconds, DateTimeOffset now)
    {
        var wanted = seconds is { } s ? TimeSpan.FromSeconds(s) : Longest;
        var lifetime = wanted > Longest ? Longest : wanted < Shortest ? Shortest : wanted;
        return new SigningOrder(request, now - Backdated, now + (lifetime < Short ? lifetime : lifetime - Backdated))
        {
            Usage = (usages.Contains(DigitalSignature) ? X509KeyUsageFlags.DigitalSignature : 0) | (usages.Contains(KeyEncipherment) ? X509KeyUsageFlags.KeyEncipherment : 0),
            ForClients = usages.Contains(ClientAuth),
            ForServers = usages.Contains(ServerAuth),
        };
    }

    private static string? ClientRefusal(IReadOnlyCollection<string> usages)
    {
        if (usages.FirstOrDefault(u => u is not (DigitalSignature or KeyEncipherment or ClientAuth)) is { } other)
        {
            return $"invalid usage for client certificate: {other}";
        }

        return usages.Contains(ClientAuth) ? null : "missing required usage for client certificate: client auth";
    }

    private static string? NodeRefusal(SigningRequest request, IReadOnlyCollection<string> usages, string purpose, IEnumerable<string?> names)
    {
        if (request.Organizations is not ["system:nodes"])
        {
            return "subject organization is not system:nodes";
        }

        if (names.FirstOrDefault(n => n is not null) is { } wrong)
        {
            return wrong;
        }

        var required = usages.ToHashSet();
        if (!required.SetEquals([DigitalSignature, KeyEncipherment, purpose]) && !required.SetEquals([DigitalSignature, purpose]))
        {
            return $"usages did not match [{string.Join(' ', new[] { DigitalSignature, KeyEncipherment, purpose }.Order(StringComparer.Ordinal))}]";
        }

        return request.CommonName.StartsWith("system:node:", StringComparison.Ordinal) ? null : "subject common name does not begin with system:node:";
    }

    private static string? OtherNames(SigningRequest request) =>
        request.Names.Emails.Count > 0 ? "Email subjectAltNames are not allowed" : request.Names.Uris.Count > 0 ? "URI subjectAltNames are not allowed" : null;
}
