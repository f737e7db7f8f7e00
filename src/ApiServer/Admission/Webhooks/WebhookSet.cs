using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>The webhooks of all configurations of one kind, by the configurations' names and then as they are listed.</summary>
internal sealed class WebhookSet
{
    private readonly SortedDictionary<string, Webhook[]> _byConfiguration = new(StringComparer.Ordinal);
    private volatile Webhook[] _all = [];

    public WebhookSet(Resource configurations) => configurations.Cache.Changed += Follow;

    public event Action? Changed;

    public Webhook[] All => _all;

    private void Follow(WatchEvent change)
    {
        var name = change.Subject.Name;
        if (change.Type == WatchEventType.Deleted)
        {
            _byConfiguration.Remove(name);
        }
        else
        {
            _byConfiguration[name] = [.. change.Subject.Parse().Objects("webhooks").Select((webhook, i) => new Webhook(webhook, name, i))];
        }

        _all = [.. _byConfiguration.Values.SelectMany(webhooks => webhooks)];
        Changed?.Invoke();
    }
}
