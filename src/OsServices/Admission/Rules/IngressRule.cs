using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Admission.Hosts;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>A public host belongs to the workspace that first took it, or that has proven it; it is taken as the last thing, once nothing else stands against the Ingress.</summary>
internal sealed class IngressRule(AdmissionOptions options, IHostClaims hosts) : AdmissionRule
{
    private const int HostsAtOnce = 32;

    private static readonly string[] Prefixes = ["nginx.ingress.kubernetes.io/", "higress.io/"];

    // Text of a program's configuration, requests to where the gateway stands, and hosts that are not in the rules.
    private static readonly string[] Refused =
    [
        "server-snippet", "configuration-snippet", "stream-snippet", "modsecurity-snippet", "auth-snippet", "auth-url", "auth-signin", "auth-tls-secret", "auth-secret", "mirror-target",
        "mirror-host", "server-alias", "upstream-vhost", "proxy-ssl-secret", "default-backend", "destination", "service-upstream-host", "canary-destination", "mcp-server", "wasmplugin",
    ];

    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Workspaces, "CU", "networking.k8s.io", "ingresses"), new(Place.Workspaces, "U", "networking.k8s.io", "ingresses/status")];

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        if (request.Subresource.Length > 0)
        {
            return new Refusal("the state of an Ingress is written by the cloud alone");
        }

        if (JudgeForm(request) is { } refusal)
        {
            return refusal;
        }

        var known = HostsOf(request.OldObject).Select(HostNames.Normalize).ToHashSet(StringComparer.Ordinal);
        List<HostWant> wanted = [];
        foreach (var text in HostsOf(request.Object).Distinct())
        {
            if (HostNames.Judge(text, options, out var host, out var isOwnDomain) is { } wrong)
            {
                return wrong;
            }

            if (!known.Contains(host))
            {
                wanted.Add(new HostWant(host, request.Namespace, isOwnDomain, request.IsDryRun));
            }
        }

        if (wanted.Count > HostsAtOnce)
        {
            return new Refusal($"40300: {wanted.Count} new hosts at once are more than the {HostsAtOnce} that can be looked at; add them one after the other");
        }

        foreach (var want in wanted)
        {
            if (await hosts.TakeAsync(want, ct).ConfigureAwait(false) is { } taken)
            {
                return taken;
            }
        }

        return null;
    }

    private static Refusal? JudgeForm(AdmissionRequest request)
    {
        var spec = request.Object.Child("spec");
        if (spec.Child("defaultBackend") is not null)
        {
            return new Refusal("40300: a defaultBackend would answer for everybody's hosts; name the host in a rule");
        }

        var annotation = request.Object.Child("metadata").TextMap("annotations")?.Keys.FirstOrDefault(k => Prefixes.Any(p => k.StartsWith(p, StringComparison.OrdinalIgnoreCase) && Refused.Contains(k[p.Length..].ToLowerInvariant())));
        if (annotation is not null)
        {
            return new Refusal($"annotation {annotation} is not allowed: it would reach beyond this workspace");
        }

        var hosts = HostsOf(request.Object).Select(HostNames.Normalize).ToHashSet(StringComparer.Ordinal);
        return spec.Objects("tls").SelectMany(t => t.Texts("hosts")).FirstOrDefault(h => !hosts.Contains(HostNames.Normalize(h))) is { } stray
            ? new Refusal($"40300: TLS host '{stray}' is in no rule of the Ingress")
            : null;
    }

    private static IEnumerable<string> HostsOf(JsonObject? ingress) => ingress.Child("spec").Objects("rules").Select(r => r.Text("host") ?? "");
}
