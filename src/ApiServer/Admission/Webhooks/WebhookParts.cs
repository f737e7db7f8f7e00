using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Proxy;
using Sealos.ApiServer.Registry;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>The two rules that ask webhooks, over one client.</summary>
internal sealed class WebhookParts : IDisposable
{
    private const string Group = "admissionregistration.k8s.io";

    private readonly WebhookClient _client;

    public WebhookParts(ResourceRegistry registry, ProxyTargets services, TimeProvider time, ILoggerFactory logs)
    {
        var mutating = new WebhookSet(registry.Get(Group, "mutatingwebhookconfigurations"));
        var validating = new WebhookSet(registry.Get(Group, "validatingwebhookconfigurations"));
        var matcher = new WebhookMatcher(registry);
        _client = new WebhookClient(services, time);
        var caller = new WebhookCaller(_client, logs.CreateLogger<WebhookCaller>());
        Mutating = new MutatingWebhooks(mutating, matcher, caller);
        Validating = new ValidatingWebhooks(validating, matcher, caller);
        mutating.Changed += Trim;
        validating.Changed += Trim;

        void Trim() => _client.Keep(mutating.All.Concat(validating.All).Select(webhook => webhook.Target).ToHashSet());
    }

    public MutatingWebhooks Mutating { get; }

    public ValidatingWebhooks Validating { get; }

    public void Dispose() => _client.Dispose();
}
