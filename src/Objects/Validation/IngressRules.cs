using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Ingresses and ingress classes.</summary>
internal static class IngressRules
{
    private static readonly string[] BadSequences = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] BadEnds = ["/..", "/."];

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        var rules = spec.Objects("rules").ToList();
        if (rules.Count == 0 && spec["defaultBackend"] is null)
        {
            errors.InvalidRaw("spec.rules", "[]networking.IngressRule(nil)", "either `defaultBackend` or `rules` must be specified");
        }

        if (spec.Child("defaultBackend") is { } fallback)
        {
            Backend(fallback, "spec.defaultBackend", errors);
        }

        if (spec.Text("ingressClassName") is { } className)
        {
            errors.Check("spec.ingressClassName", className, NameRules.DnsSubdomain(className));
        }

        Tls(spec, errors);
        for (var i = 0; i < rules.Count; i++)
        {
            Rule(rules[i], $"spec.rules[{i}]", errors);
        }
    }

    /// <summary>The annotation of old may not contradict the field.</summary>
    public static void CheckNew(JsonObject obj, ErrorList errors)
    {
        const string Annotation = "kubernetes.io/ingress.class";
        if (obj.Child("metadata", "annotations").Text(Annotation) is { } value && obj.Child("spec")?["ingressClassName"] is not null)
        {
            errors.Invalid($"metadata.annotations.{Annotation}", value, "can not be set when the class field is also set");
        }
    }

    public static void Class(JsonObject obj, ErrorList errors)
    {
        var controller = obj.Child("spec").Text("controller") ?? "";
        errors.CheckRequired("spec.controller", controller);
        if (controller.Length > 0 && (!controller.Contains('/', StringComparison.Ordinal) || controller.Length > 250))
        {
            errors.Invalid("spec.controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\") of at most 250 characters");
        }

        if (obj.Child("spec", "parameters") is { } parameters)
        {
            errors.CheckRequired("spec.parameters.kind", parameters.Text("kind"), NameRules.PathSegment);
            errors.CheckRequired("spec.parameters.name", parameters.Text("name"), NameRules.PathSegment);
        }
    }

    public static void ClassChange(JsonObject obj, JsonObject old, ErrorList errors) =>
        errors.Immutable("spec.controller", obj.Child("spec")?["controller"], old.Child("spec")?["controller"]);

    private static void Tls(JsonObject spec, ErrorList errors)
    {
        var i = 0;
        foreach (var tls in spec.Objects("tls"))
        {
            var at = $"spec.tls[{i++}]";
            var j = 0;
            foreach (var host in tls.Texts("hosts"))
            {
                var rule = host.Contains('*', StringComparison.Ordinal) ? NameRules.WildcardSubdomain(host) : NameRules.DnsSubdomain(host);
                errors.Check($"{at}.hosts[{j++}]", host, rule);
            }

            if (tls.Text("secretName") is { Length: > 0 } secret)
            {
                errors.Check($"{at}.secretName", secret, NameRules.DnsSubdomain(secret));
            }
        }
    }

    private static void Rule(JsonObject rule, string path, ErrorList errors)
    {
        if (rule.Text("host") is { Length: > 0 } host)
        {
            if (NameRules.IsIp(host))
            {
                errors.Invalid($"{path}.host", host, "must be a DNS name, not an IP address");
            }

            errors.Check($"{path}.host", host, host.Contains('*', StringComparison.Ordinal) ? NameRules.WildcardSubdomain(host) : NameRules.DnsSubdomain(host));
        }

        if (rule.Child("http") is not { } http)
        {
            return;
        }

        if (http.Array("paths") is not { Count: > 0 })
        {
            errors.Required($"{path}.http.paths");
        }

        var i = 0;
        foreach (var entry in http.Objects("paths"))
        {
            var at = $"{path}.http.paths[{i++}]";
            Path(entry, at, errors);
            Backend(entry.Child("backend") ?? [], $"{at}.backend", errors);
        }
    }

    private static void Path(JsonObject entry, string path, ErrorList errors)
    {
        var text = entry.Text("path") ?? "";
        var type = entry.Text("pathType");
        if (string.IsNullOrEmpty(type))
        {
            errors.Required($"{path}.pathType", "pathType must be specified");
            return;
        }

        var isStrict = type is "Exact" or "Prefix";
        if (!text.StartsWith('/') && (isStrict || text.Length > 0))
        {
            errors.Invalid($"{path}.path", text, "must be an absolute path");
        }

        if (isStrict)
        {
            foreach (var sequence in BadSequences.Where(s => text.Contains(s, StringComparison.Ordinal)))
            {
                errors.Invalid($"{path}.path", text, $"must not contain '{sequence}'");
            }

            foreach (var end in BadEnds.Where(e => text.EndsWith(e, StringComparison.Ordinal)))
            {
                errors.Invalid($"{path}.path", text, $"cannot end with '{end}'");
            }
        }
    }

    private static void Backend(JsonObject backend, string path, ErrorList errors)
    {
        var (service, resource) = (backend.Child("service"), backend.Child("resource"));
        switch (service, resource)
        {
            case (not null, not null):
                errors.Invalid(path, "", "cannot set both resource and service backends");
                break;
            case (null, null):
                errors.Invalid(path, "", "resource or service backend is required");
                break;
            case (null, not null):
                errors.CheckRequired($"{path}.resource.kind", resource.Text("kind"), NameRules.PathSegment);
                errors.CheckRequired($"{path}.resource.name", resource.Text("name"), NameRules.PathSegment);
                break;
            default:
                Service(service!, path, errors);
                break;
        }
    }

    private static void Service(JsonObject service, string path, ErrorList errors)
    {
        errors.CheckRequired($"{path}.service.name", service.Text("name"), NameRules.ServiceName);
        var name = service.Child("port").Text("name") ?? "";
        var number = service.Child("port").Number("number") ?? 0;
        if (name.Length > 0 && number != 0)
        {
            errors.Invalid(path, "", "cannot set both port name & port number");
        }
        else if (name.Length > 0)
        {
            errors.Check($"{path}.service.port.name", name, NameRules.PortName(name));
        }
        else if (number != 0)
        {
            errors.Port($"{path}.service.port.number", number);
        }
        else
        {
            errors.Required(path, "port name or number is required");
        }
    }
}
