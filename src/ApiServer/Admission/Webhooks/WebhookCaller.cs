using Microsoft.Extensions.Logging;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>Asks one webhook about one write and makes of its answer, or of there being none, what becomes of the write.</summary>
internal sealed partial class WebhookCaller(WebhookClient client, ILogger<WebhookCaller> logger)
{
    /// <summary>The answer of a webhook that allows the write; null when it could not be asked and that does not matter.</summary>
    /// <exception cref="ApiException">The write is refused.</exception>
    public async Task<WebhookVerdict?> AskAsync(Webhook webhook, AdmissionReview review, WebhookSubject subject, CancellationToken cancellationToken)
    {
        try
        {
            var verdict = await client.AskAsync(webhook, review, subject.MayPatch, cancellationToken).ConfigureAwait(false);
            Note(webhook, verdict, subject.Attributes);
            return verdict.IsAllowed ? verdict : throw verdict.Refusal(webhook.Name);
        }
        catch (WebhookFailure e)
        {
            Log.CallFailed(logger, webhook.Configuration, webhook.Name, e.Message);
            if (!webhook.IgnoresFailure)
            {
                throw ApiException.Internal($"failed calling webhook \"{webhook.Name}\": {e.Message}");
            }

            var context = subject.Attributes.Context;
            lock (context.Warnings)
            {
                context.AuditAnnotations[subject.FailedOpenKey] = webhook.Name;
            }

            return null;
        }
    }

    /// <summary>A webhook that does something besides answering cannot be asked about what will not happen.</summary>
    public static void CheckDryRun(Webhook webhook, AdmissionAttributes attributes)
    {
        if (attributes.Context.DryRun && !webhook.AllowsDryRun)
        {
            throw ApiException.BadRequest($"admission webhook \"{webhook.Name}\" does not support dry run");
        }
    }

    private static void Note(Webhook webhook, WebhookVerdict verdict, AdmissionAttributes attributes)
    {
        var context = attributes.Context;

        // Webhooks may answer at the same time.
        lock (context.Warnings)
        {
            foreach (var warning in verdict.Warnings)
            {
                // Said once, however often a conflict makes the update start again.
                if (!context.Warnings.Contains(warning))
                {
                    context.Warnings.Add(warning);
                }
            }

            foreach (var (key, value) in verdict.AuditAnnotations)
            {
                context.AuditAnnotations[$"{webhook.Name}/{key}"] = value;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(32, LogLevel.Warning, "Webhook {Name} of {Configuration} could not be asked: {Reason}")]
        public static partial void CallFailed(ILogger logger, string configuration, string name, string reason);
    }
}

/// <summary>What a webhook is asked about, whether it may change it, and the audit log's word for going on without its answer.</summary>
internal readonly record struct WebhookSubject(AdmissionAttributes Attributes, bool MayPatch, string FailedOpenKey);
