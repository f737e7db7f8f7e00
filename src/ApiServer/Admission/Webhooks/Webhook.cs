using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>Which writes a webhook is asked about.</summary>
internal sealed class WebhookRule(JsonObject rule)
{
    private const string Any = "*";
    private readonly string[] _operations = [.. rule.Texts("operations")];
    private readonly string[] _groups = [.. rule.Texts("apiGroups")];
    private readonly string[] _versions = [.. rule.Texts("apiVersions")];
    private readonly (string Resource, string Subresource)[] _resources = [.. rule.Texts("resources").Select(Split)];
    private readonly string _scope = rule.Text("scope") ?? Any;

    public bool Matches(AdmissionAttributes attributes, Resource resource) =>
        Has(_operations, OperationName(attributes.Operation))
        && Has(_groups, resource.Group)
        && Has(_versions, resource.Version)
        && _scope switch { "Namespaced" => resource.IsNamespaced, "Cluster" => !resource.IsNamespaced, _ => true }
        && HasResource(resource.Plural, attributes.Subresource ?? "");

    public static string OperationName(Operation operation) => operation switch
    {
        Operation.Create => "CREATE",
        Operation.Update => "UPDATE",
        Operation.Delete => "DELETE",
        _ => "CONNECT",
    };

    private bool HasResource(string plural, string subresource)
    {
        foreach (var (resource, sub) in _resources)
        {
            if ((resource == Any || resource == plural) && (sub == Any || sub == subresource))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(string[] items, string wanted) => items.AsSpan().Contains(Any) || items.AsSpan().Contains(wanted);

    private static (string, string) Split(string text)
    {
        var slash = text.IndexOf('/');
        return slash < 0 ? (text, "") : (text[..slash], text[(slash + 1)..]);
    }
}

/// <summary>Where a webhook listens, and whose certificates it shows.</summary>
internal sealed record WebhookTarget
{
    public WebhookTarget(JsonObject? config)
    {
        CaBundle = config.Text("caBundle") ?? "";
        if (config.Child("service") is { } service)
        {
            Namespace = service.Text("namespace") ?? "";
            Service = service.Text("name") ?? "";
            Port = (int)(service.Number("port") ?? 443);
            var path = service.Text("path") ?? "";
            Address = $"https://{Service}.{Namespace}.svc:{Port}{(path.StartsWith('/') ? path : "/" + path)}";
        }
        else
        {
            Address = config.Text("url") ?? "";
        }
    }

    /// <summary>The address as errors tell it.</summary>
    public string Address { get; }

    /// <summary>The service that the host's name stands for; null when it is a host.</summary>
    public string? Service { get; }

    public string Namespace { get; } = "";

    public int Port { get; }

    public string CaBundle { get; }
}

/// <summary>One webhook of a configuration.</summary>
internal sealed class Webhook(JsonObject webhook, string configuration, int index)
{
    private readonly WebhookRule[] _rules = [.. webhook.Objects("rules").Select(rule => new WebhookRule(rule))];

    /// <summary>Tells it from all others.</summary>
    public string Id { get; } = $"{configuration}/{index}/{webhook.Text("name")}";

    public string Name { get; } = webhook.Text("name") ?? "";

    public string Configuration => configuration;

    public WebhookTarget Target { get; } = new(webhook.Child("clientConfig"));

    public LabelSelector Namespaces { get; } = LabelSelector.FromObject(webhook.Child("namespaceSelector") ?? []);

    public LabelSelector Objects { get; } = LabelSelector.FromObject(webhook.Child("objectSelector") ?? []);

    /// <summary>Which callers it is asked about: all of these must hold. What cannot be read was refused when it was written.</summary>
    public CallerCondition[] Conditions { get; } = [.. webhook.Objects("matchConditions").Select(c => CallerCondition.TryParse(c.Text("expression") ?? "")).OfType<CallerCondition>()];

    /// <summary>Whether a write goes on when the webhook cannot be asked.</summary>
    public bool IgnoresFailure { get; } = webhook.Text("failurePolicy") == "Ignore";

    public int TimeoutSeconds { get; } = (int)Math.Clamp(webhook.Number("timeoutSeconds") ?? 10, 1, 30);

    /// <summary>Whether it may be asked about writes that will not happen.</summary>
    public bool AllowsDryRun { get; } = webhook.Text("sideEffects") is "None" or "NoneOnDryRun";

    public bool IsReinvoked { get; } = webhook.Text("reinvocationPolicy") == "IfNeeded";

    private bool MatchesEquivalents { get; } = webhook.Text("matchPolicy") != "Exact";

    /// <summary>The resource as which the webhook is asked about a write, or null when it is not.</summary>
    public Resource? Match(AdmissionAttributes attributes, ResourceRegistry registry)
    {
        var resource = attributes.Resource;
        if (MatchesRule(attributes, resource))
        {
            return resource;
        }

        if (!MatchesEquivalents || !resource.IsStored)
        {
            return null;
        }

        foreach (var other in registry.All)
        {
            // What is stored in one place is the same in another version or group.
            if (other.IsStored && other != resource && other.Cache == resource.Cache && MatchesRule(attributes, other))
            {
                return other;
            }
        }

        return null;
    }

    private bool MatchesRule(AdmissionAttributes attributes, Resource resource)
    {
        foreach (var rule in _rules)
        {
            if (rule.Matches(attributes, resource))
            {
                return true;
            }
        }

        return false;
    }
}
