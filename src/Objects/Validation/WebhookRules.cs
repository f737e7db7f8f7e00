using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Configurations of admission webhooks.</summary>
internal static class WebhookRules
{
    private const string Any = "*";
    private const string Form = "; desired format: https://host[/path]";
    private const int MostConditions = 64;
    private const string ReviewVersion = "v1";
    private static readonly string[] Operations = [Any, "CONNECT", "CREATE", "DELETE", "UPDATE"];
    private static readonly string[] SideEffects = ["None", "NoneOnDryRun"];

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var webhook in obj.Objects("webhooks"))
        {
            var path = $"webhooks[{i++}]";
            var name = webhook.Text("name") ?? "";
            Name(name, $"{path}.name", errors);
            Webhook(webhook, path, errors);
            if (name.Length > 0 && !names.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }
        }
    }

    private static void Name(string name, string path, ErrorList errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }

        errors.Check(path, name, NameRules.DnsSubdomain(name));
        if (name.Split('.').Length < 3)
        {
            errors.Invalid(path, name, "should be a domain with at least three segments separated by dots");
        }
    }

    private static void Webhook(JsonObject webhook, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var rule in webhook.Objects("rules"))
        {
            Rule(rule, $"{path}.rules[{i++}]", errors);
        }

        if (webhook.Text("sideEffects") is not { Length: > 0 } effects)
        {
            errors.Required($"{path}.sideEffects", "must specify one of None, NoneOnDryRun");
        }
        else if (!SideEffects.Contains(effects))
        {
            errors.NotSupported($"{path}.sideEffects", effects, SideEffects);
        }

        if (webhook.Number("timeoutSeconds") is { } seconds and (< 1 or > 30))
        {
            errors.Invalid($"{path}.timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds");
        }

        SelectorRules.Selector(webhook.Child("namespaceSelector"), $"{path}.namespaceSelector", errors);
        SelectorRules.Selector(webhook.Child("objectSelector"), $"{path}.objectSelector", errors);
        Client(webhook.Child("clientConfig"), $"{path}.clientConfig", errors);
        Conditions(webhook, $"{path}.matchConditions", errors);
        Versions(webhook, $"{path}.admissionReviewVersions", errors);
    }

    private static void Conditions(JsonObject webhook, string path, ErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var condition in webhook.Objects("matchConditions"))
        {
            var at = $"{path}[{i++}]";
            if (condition.Text("name") is not { Length: > 0 } name)
            {
                errors.Required($"{at}.name");
            }
            else if (!names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }

            if (condition.Text("expression") is not { Length: > 0 } expression)
            {
                errors.Required($"{at}.expression");
            }
            else if (CallerCondition.TryParse(expression) is null)
            {
                errors.Forbidden($"{at}.expression", "of CEL only conditions about request.userInfo.username and request.userInfo.groups are built yet; use rules and selectors");
            }
        }

        if (i > MostConditions)
        {
            errors.TooMany(path, i, MostConditions);
        }
    }

    private static void Rule(JsonObject rule, string path, ErrorList errors)
    {
        Wildcard(rule, "operations", path, "operations", errors);
        var i = 0;
        foreach (var operation in rule.Texts("operations"))
        {
            if (!Operations.Contains(operation))
            {
                errors.NotSupported($"{path}.operations[{i}]", operation, Operations);
            }

            i++;
        }

        Wildcard(rule, "apiGroups", path, "API groups", errors);
        Wildcard(rule, "apiVersions", path, "API versions", errors);
        NoneEmpty(rule, "apiVersions", path, errors);
        Resources(rule, path, errors);
    }

    private static void Wildcard(JsonObject rule, string list, string path, string what, ErrorList errors)
    {
        var items = rule.Texts(list).ToList();
        if (items.Count == 0)
        {
            errors.Required($"{path}.{list}");
        }
        else if (items.Count > 1 && items.Contains(Any))
        {
            errors.InvalidRaw($"{path}.{list}", Printed(items), $"if '*' is present, must not specify other {what}");
        }
    }

    private static void NoneEmpty(JsonObject rule, string list, string path, ErrorList errors)
    {
        foreach (var (i, _) in rule.Texts(list).Index().Where(item => item.Item.Length == 0))
        {
            errors.Required($"{path}.{list}[{i}]");
        }
    }

    private static void Resources(JsonObject rule, string path, ErrorList errors)
    {
        var resources = rule.Texts("resources").ToList();
        if (resources.Count == 0)
        {
            errors.Required($"{path}.resources");
        }

        NoneEmpty(rule, "resources", path, errors);
        var (whole, everywhere) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (i, text) in resources.Index().Where(item => item.Item.Contains('/', StringComparison.Ordinal)))
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            var (resource, sub) = (text[..slash], text[(slash + 1)..]);
            if (whole.Contains(resource))
            {
                errors.Invalid($"{path}.resources[{i}]", text, $"if '{resource}/*' is present, must not specify {text}");
            }

            if (everywhere.Contains(sub))
            {
                errors.Invalid($"{path}.resources[{i}]", text, $"if '*/{sub}' is present, must not specify {text}");
            }

            if (sub == Any)
            {
                whole.Add(resource);
            }

            if (resource == Any)
            {
                everywhere.Add(sub);
            }
        }

        if (resources.Count > 1 && resources.Contains("*/*"))
        {
            errors.InvalidRaw($"{path}.resources", Printed(resources), "if '*/*' is present, must not specify other resources");
        }

        if (resources.Contains(Any) && resources.Any(r => r != Any && !r.Contains('/', StringComparison.Ordinal)))
        {
            errors.InvalidRaw($"{path}.resources", Printed(resources), "if '*' is present, must not specify other resources without subresources");
        }
    }

    private static void Client(JsonObject? config, string path, ErrorList errors)
    {
        var (url, service) = (config.Text("url"), config.Child("service"));
        if (url is null == service is null)
        {
            errors.Required(path, "exactly one of url or service is required");
        }
        else if (url is not null)
        {
            Url(url, $"{path}.url", errors);
        }
        else
        {
            Service(service!, $"{path}.service", errors);
        }

        if (config.Text("caBundle") is { Length: > 0 } bundle && !IsPem(bundle))
        {
            errors.InvalidRaw($"{path}.caBundle", "[]byte", "unable to load root certificates: unable to parse bytes as PEM block");
        }
    }

    private static bool IsPem(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length).Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal);
    }

    private static void Url(string text, string path, ErrorList errors)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            errors.Required(path, $"url must be a valid URL: parse \"{text}\"{Form}");
            return;
        }

        if (url.Scheme != Uri.UriSchemeHttps)
        {
            errors.Invalid(path, url.Scheme, $"'https' is the only allowed URL scheme{Form}");
        }

        if (url.Host.Length == 0)
        {
            errors.Invalid(path, "", $"host must be specified{Form}");
        }

        if (url.UserInfo.Length > 0)
        {
            errors.Invalid(path, url.UserInfo, "user information is not permitted in the URL");
        }

        if (url.Fragment.Length > 1)
        {
            errors.Invalid(path, url.Fragment[1..], "fragments are not permitted in the URL");
        }

        if (url.Query.Length > 1)
        {
            errors.Invalid(path, url.Query[1..], "query parameters are not permitted in the URL");
        }
    }

    private static void Service(JsonObject service, string path, ErrorList errors)
    {
        errors.CheckRequired($"{path}.name", service.Text("name"));
        errors.CheckRequired($"{path}.namespace", service.Text("namespace"));
        if (service.Number("port") is { } port and (< 1 or > 65535))
        {
            errors.Invalid($"{path}.port", port, "port is not valid: must be between 1 and 65535, inclusive");
        }

        var text = service.Text("path") ?? "";
        if (text is "" or "/")
        {
            return;
        }

        if (!text.StartsWith('/'))
        {
            errors.Invalid($"{path}.path", text, "must start with a '/'");
        }

        foreach (var (i, step) in text[1..].TrimEnd('/').Split('/').Index())
        {
            if (step.Length == 0)
            {
                errors.Invalid($"{path}.path", text, $"segment[{i}] may not be empty");
            }
            else
            {
                errors.Check($"{path}.path", text, NameRules.DnsSubdomain(step).Select(why => $"segment[{i}]: {why}"));
            }
        }
    }

    /// <summary>Older forms of the question are not built.</summary>
    private static void Versions(JsonObject webhook, string path, ErrorList errors)
    {
        var versions = webhook.Texts("admissionReviewVersions").ToList();
        if (versions.Count == 0)
        {
            errors.Required(path, $"must specify one of {ReviewVersion}");
            return;
        }

        foreach (var (i, version) in versions.Index().Where(item => versions.IndexOf(item.Item) < item.Index))
        {
            errors.Invalid($"{path}[{i}]", version, "duplicate version");
        }

        if (!versions.Contains(ReviewVersion))
        {
            errors.InvalidRaw(path, Printed(versions), $"must include at least one of {ReviewVersion}{(versions.Contains("v1beta1") ? "; v1beta1 is not built" : "")}");
        }
    }

    private static string Printed(IEnumerable<string> items) => $"[]string{{{string.Join(", ", items.Select(GoText.Quote))}}}";
}
