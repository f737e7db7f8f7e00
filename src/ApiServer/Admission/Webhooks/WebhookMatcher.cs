using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>Decides which webhooks are asked about a write, and as what.</summary>
internal sealed class WebhookMatcher(ResourceRegistry registry)
{
    private readonly KindCache _namespaces = registry.Get("", "namespaces").Cache;

    /// <summary>
    /// Whether no webhook is ever asked: about the webhooks themselves, which nothing could put right any more, and about
    /// the server's own writes when it cleans up.
    /// </summary>
    public static bool IsExempt(AdmissionAttributes attributes) =>
        attributes.Context.SkipsWebhooks || attributes.Resource.Group == "admissionregistration.k8s.io";

    /// <summary>The resource as which a webhook is asked about a write, or null when it is not.</summary>
    public Resource? Match(Webhook webhook, AdmissionAttributes attributes)
    {
        var resource = webhook.Match(attributes, registry);
        return resource is not null && MatchesCaller(webhook, attributes) && MatchesNamespace(webhook, attributes) && MatchesObject(webhook, attributes) ? resource : null;
    }

    private static bool MatchesCaller(Webhook webhook, AdmissionAttributes attributes)
    {
        foreach (var condition in webhook.Conditions)
        {
            if (!condition.Matches(attributes.Context.User.Name, attributes.Context.User.Groups))
            {
                return false;
            }
        }

        return true;
    }

    private bool MatchesNamespace(Webhook webhook, AdmissionAttributes attributes)
    {
        if (webhook.Namespaces.IsEverything || attributes.Namespace.Length == 0)
        {
            return true;
        }

        // Of a namespace that is being written the labels count that it will have.
        var isNamespace = attributes.Concerns("", "namespaces") && attributes.Operation is Operation.Create or Operation.Update;
        if (isNamespace)
        {
            return webhook.Namespaces.Matches(Labels(attributes.Object));
        }

        var found = _namespaces.Get("", attributes.Namespace) ?? throw ApiException.NotFound("", "namespaces", attributes.Namespace);
        return webhook.Namespaces.Matches(found.Labels);
    }

    private static bool MatchesObject(Webhook webhook, AdmissionAttributes attributes) =>
        webhook.Objects.IsEverything || Matches(webhook, attributes.Object) || Matches(webhook, attributes.OldObject);

    private static bool Matches(Webhook webhook, JsonObject? obj) => obj?["metadata"] is not null && webhook.Objects.Matches(Labels(obj));

    private static JsonObject? Labels(JsonObject? obj) => obj.Child("metadata", "labels");
}
