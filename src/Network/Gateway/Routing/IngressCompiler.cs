using Sealos.Kinds.Networking;

namespace Sealos.Network.Gateway.Routing;

/// <summary>An ingress as rules, before any backend is looked up.</summary>
internal sealed record CompiledIngress(RoutePolicy Policy, List<string> Problems, List<string> Ignored)
{
    public Dictionary<string, CompiledHost> Hosts { get; } = new(StringComparer.Ordinal);
}

/// <summary>The rules of an ingress for one host; the empty host is any that nobody else has.</summary>
internal sealed class CompiledHost
{
    public List<(PathRule Path, BackendKey Backend)> Paths { get; } = [];

    public string? SecretName { get; set; }
}

/// <summary>Turns an ingress into rules, refusing by name what is not built and what a tenant may not have.</summary>
internal sealed class IngressCompiler(GatewayOptions options)
{
    private readonly string _domain = options.Domain.ToLowerInvariant();

    public CompiledIngress Compile(Ingress ingress)
    {
        var read = IngressAnnotations.Read(ingress.Metadata.Annotations);
        var compiled = new CompiledIngress(read.Policy, read.Problems, read.Ignored);
        var ns = ingress.Metadata.Namespace ?? "";
        var spec = ingress.Spec ?? new IngressSpec();
        for (var i = 0; i < (spec.Rules?.Count ?? 0); i++)
        {
            AddRule(compiled, spec.Rules![i], ns, $"spec.rules[{i}]");
        }

        if (spec.DefaultBackend is { } fallback)
        {
            AddDefault(compiled, fallback, ns, spec.Rules is not { Count: > 0 });
        }

        AddSecrets(compiled, spec.Tls ?? []);
        return compiled;
    }

    private void AddRule(CompiledIngress compiled, IngressRule rule, string ns, string field)
    {
        var host = string.IsNullOrEmpty(rule.Host) ? "" : HostName.Normalize(rule.Host);
        if (host is null)
        {
            compiled.Problems.Add($"{field}.host: '{rule.Host}' is no host name");
            return;
        }

        if (IsDenied(host, ns) is { } why)
        {
            compiled.Problems.Add($"{field}.host: {why}");
            return;
        }

        var rules = HostOf(compiled, host);
        for (var i = 0; i < (rule.Http?.Paths?.Count ?? 0); i++)
        {
            AddPath(compiled, rules, rule.Http!.Paths![i], ns, $"{field}.http.paths[{i}]");
        }
    }

    private static void AddPath(CompiledIngress compiled, CompiledHost host, HTTPIngressPath path, string ns, string field)
    {
        try
        {
            var allowRegex = compiled.Policy.UseRegex || compiled.Policy.RewriteTarget is not null;
            host.Paths.Add((PathRule.Create(path.Path, path.PathType, allowRegex), KeyOf(path.Backend, ns)));
        }
        catch (FormatException e)
        {
            compiled.Problems.Add($"{field}: {e.Message}");
        }
    }

    // The default backend catches what the ingress' own hosts leave over; without rules, all hosts that nobody has.
    private void AddDefault(CompiledIngress compiled, IngressBackend fallback, string ns, bool isCatchAll)
    {
        try
        {
            var backend = KeyOf(fallback, ns);
            if (isCatchAll && IsDenied("", ns) is { } why)
            {
                throw new FormatException(why);
            }

            var hosts = isCatchAll ? [HostOf(compiled, "")] : compiled.Hosts.Values.ToArray();
            foreach (var host in hosts.Where(h => !h.Paths.Exists(p => p.Path is { Kind: PathKind.Prefix, Text: "/" })))
            {
                host.Paths.Add((PathRule.Create("/", "Prefix", false), backend));
            }
        }
        catch (FormatException e)
        {
            compiled.Problems.Add($"spec.defaultBackend: {e.Message}");
        }
    }

    private static void AddSecrets(CompiledIngress compiled, List<IngressTLS> entries)
    {
        var byHost = new Dictionary<string, string>(StringComparer.Ordinal);
        string? forAll = null;
        foreach (var entry in entries.Where(t => !string.IsNullOrEmpty(t.SecretName)))
        {
            forAll ??= entry.Hosts is { Count: > 0 } ? null : entry.SecretName;
            foreach (var host in entry.Hosts ?? [])
            {
                byHost.TryAdd(HostName.Normalize(host) ?? "", entry.SecretName!);
            }
        }

        Span<char> buffer = stackalloc char[HostName.MaxLength + 1];
        foreach (var (host, rules) in compiled.Hosts)
        {
            rules.SecretName = byHost.GetValueOrDefault(host)
                ?? (HostName.TryGetWildcard(host, buffer, out var wildcard) ? byHost.GetValueOrDefault(wildcard.ToString()) : null)
                ?? forAll;
        }
    }

    private string? IsDenied(string host, string ns)
    {
        if (!ns.StartsWith(options.TenantPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        if (host.Length == 0)
        {
            return "a rule without a host would catch everybody's requests; give it one";
        }

        if (host == _domain || options.ReservedHosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return $"'{host}' belongs to the cloud itself";
        }

        var rest = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : null;
        return rest is not null && (rest == _domain || !rest.Contains('.', StringComparison.Ordinal))
            ? $"'{host}' would catch other people's hosts"
            : null;
    }

    private static CompiledHost HostOf(CompiledIngress compiled, string host)
    {
        if (!compiled.Hosts.TryGetValue(host, out var rules))
        {
            compiled.Hosts[host] = rules = new CompiledHost();
        }

        return rules;
    }

    private static BackendKey KeyOf(IngressBackend? backend, string ns)
    {
        if (backend?.Service is not { Name.Length: > 0 } service)
        {
            throw new FormatException(backend?.Resource is null ? "has no backend service" : "backend.resource is not supported, only backend.service");
        }

        var name = service.Port?.Name;
        return new BackendKey(ns, service.Name, string.IsNullOrEmpty(name) ? service.Port?.Number ?? 0 : 0, string.IsNullOrEmpty(name) ? null : name);
    }
}
