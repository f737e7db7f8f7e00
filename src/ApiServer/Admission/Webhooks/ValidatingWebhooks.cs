namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>Webhooks that judge the object as it will be stored, all at once.</summary>
internal sealed class ValidatingWebhooks(WebhookSet webhooks, WebhookMatcher matcher, WebhookCaller caller) : AdmissionPlugin
{
    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var all = webhooks.All;
        return all.Length == 0 || WebhookMatcher.IsExempt(attributes) ? ValueTask.CompletedTask : AskAllAsync(all, attributes, cancellationToken);
    }

    private async ValueTask AskAllAsync(Webhook[] all, AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        // All questions are written before the first is asked: the object is not for several threads.
        var questions = new List<(Webhook Webhook, AdmissionReview Review, WebhookSubject Subject)>();
        for (var index = 0; index < all.Length; index++)
        {
            var webhook = all[index];
            if (matcher.Match(webhook, attributes) is { } asked)
            {
                WebhookCaller.CheckDryRun(webhook, attributes);
                questions.Add((webhook, new AdmissionReview(attributes, asked), new WebhookSubject(attributes, MayPatch: false, $"failed-open.validating.webhook.admission.k8s.io/round_0_index_{index}")));
            }
        }

        if (questions.Count > 0)
        {
            await Task.WhenAll(questions.Select(q => caller.AskAsync(q.Webhook, q.Review, q.Subject, cancellationToken))).ConfigureAwait(false);
        }
    }
}
