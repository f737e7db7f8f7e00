using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Patches;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>What the rounds of one write through the mutating webhooks leave each other.</summary>
internal sealed class WebhookRound
{
    /// <summary>Whether the first round is over.</summary>
    public bool IsSecond { get; set; }

    /// <summary>Whether a webhook changed the object, so that everyone who looked at it before must look again.</summary>
    public bool HasChanged { get; set; }

    /// <summary>Webhooks that want to see later changes, asked since the last change.</summary>
    public HashSet<string> Asked { get; } = new(StringComparer.Ordinal);

    /// <summary>Webhooks whose object was changed after they were asked.</summary>
    public HashSet<string> AskAgain { get; } = new(StringComparer.Ordinal);

    /// <summary>The object as the webhooks left it.</summary>
    public JsonNode? Left { get; set; }

    /// <summary>Somebody has changed the object.</summary>
    public void Changed()
    {
        AskAgain.UnionWith(Asked);
        Asked.Clear();
    }
}

/// <summary>Webhooks that may change the object, one after the other.</summary>
internal sealed class MutatingWebhooks(WebhookSet webhooks, WebhookMatcher matcher, WebhookCaller caller) : AdmissionPlugin
{
    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var all = webhooks.All;
        return all.Length == 0 || WebhookMatcher.IsExempt(attributes) ? ValueTask.CompletedTask : AskAllAsync(all, attributes, cancellationToken);
    }

    private async ValueTask AskAllAsync(Webhook[] all, AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var round = attributes.Round ??= new WebhookRound();
        if (round.IsSecond && !JsonNode.DeepEquals(attributes.Object, round.Left))
        {
            round.Changed();
        }

        var wasAsked = false;
        for (var index = 0; index < all.Length; index++)
        {
            var webhook = all[index];
            if ((round.IsSecond && !round.AskAgain.Contains(webhook.Id)) || matcher.Match(webhook, attributes) is not { } asked)
            {
                continue;
            }

            wasAsked = true;
            WebhookCaller.CheckDryRun(webhook, attributes);
            var review = new AdmissionReview(attributes, asked);
            var place = $"round_{(round.IsSecond ? 1 : 0)}_index_{index}";
            var verdict = await caller.AskAsync(webhook, review, new WebhookSubject(attributes, MayPatch: true, "failed-open.mutation.webhook.admission.k8s.io/" + place), cancellationToken).ConfigureAwait(false);
            var isChanged = verdict?.Patch is { Count: > 0 } patch && Apply(webhook, patch, attributes, asked);
            if (verdict?.Patch is { Count: > 0 } told)
            {
                NotePatch(webhook, told, place, attributes);
            }

            if (isChanged)
            {
                round.Changed();
                round.HasChanged = true;
            }

            attributes.Context.AuditAnnotations["mutation.webhook.admission.k8s.io/" + place] =
                $$"""{"configuration":"{{webhook.Configuration}}","webhook":"{{webhook.Name}}","mutated":{{(isChanged ? "true" : "false")}}}""";

            if (webhook.IsReinvoked)
            {
                round.Asked.Add(webhook.Id);
            }
        }

        if (wasAsked && round.HasChanged)
        {
            round.Left = attributes.Object?.DeepClone();
        }
    }

    // What was changed is as much the request's content as its body, and noted only where that is.
    private static void NotePatch(Webhook webhook, JsonArray patch, string place, AdmissionAttributes attributes)
    {
        if (attributes.Context.NotesContent)
        {
            attributes.Context.AuditAnnotations["patch.webhook.admission.k8s.io/" + place] = new JsonObject
            {
                ["configuration"] = webhook.Configuration,
                ["webhook"] = webhook.Name,
                ["patch"] = patch.DeepClone(),
                ["patchType"] = "JSONPatch",
            }.ToJsonString();
        }
    }

    private static bool Apply(Webhook webhook, JsonArray patch, AdmissionAttributes attributes, Resource asked)
    {
        if (attributes.Object is not { } obj || attributes.Operation is Operation.Connect)
        {
            throw ApiException.Internal($"admission webhook \"{webhook.Name}\" attempted to modify the object, which is not supported for this operation");
        }

        var resource = attributes.Resource;
        var isConverted = asked != resource && attributes.Part is null;
        var before = isConverted ? AdmissionReview.Convert(obj, resource, asked) : (JsonObject)obj.DeepClone();
        ShowOwners(before, attributes.ManagedFields, patch);
        var after = Patched(before, patch);
        after.Child("metadata")?.Remove("managedFields");
        if (isConverted)
        {
            after = AdmissionReview.Convert(after, asked, resource);
        }

        var complete = attributes.Part is { } part ? Complete(body => ObjectDecoder.Complete(body, part.Kind, FieldValidation.Ignore, []), after) : Complete(body => ObjectDecoder.Complete(body, resource, FieldValidation.Ignore, []), after);
        if (JsonNode.DeepEquals(obj, complete))
        {
            return false;
        }

        Replace(obj, complete);
        return true;
    }

    /// <summary>The accounts of fields are there for a patch that speaks of them; what it does to them has no effect.</summary>
    private static void ShowOwners(JsonObject obj, ReadOnlyMemory<byte> managedFields, JsonArray patch)
    {
        var speaksOfThem = patch.OfType<JsonObject>().Any(o => (o.Text("path") + o.Text("from")).Contains("/metadata/managedFields", StringComparison.Ordinal));
        if (speaksOfThem && !managedFields.IsEmpty && obj.Child("metadata") is { } metadata)
        {
            metadata["managedFields"] = JsonText.ParseNode(managedFields);
        }
    }

    private static JsonObject Patched(JsonObject obj, JsonArray patch)
    {
        try
        {
            return JsonPatch.Apply(obj, patch) as JsonObject ?? throw ApiException.Internal("the patch leaves no object");
        }
        catch (PatchException e)
        {
            throw ApiException.Internal(e.Message);
        }
    }

    /// <summary>What a webhook adds is pruned, checked and completed like what a client sends.</summary>
    private static JsonObject Complete(Func<DecodedBody, JsonObject> complete, JsonObject obj)
    {
        try
        {
            return complete(new DecodedBody(obj, []));
        }
        catch (ApiException e)
        {
            throw ApiException.Internal(e.Message);
        }
    }

    /// <summary>Others hold the object, so its content is changed, not it.</summary>
    private static void Replace(JsonObject obj, JsonObject content)
    {
        obj.Clear();
        foreach (var (name, value) in content.ToList())
        {
            content.Remove(name);
            obj[name] = value;
        }
    }
}
