using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;

namespace Sealos.OsServices.Apps;

/// <summary>Everything that can be done with apps, through the Kubernetes API with the caller's own credential; CLI and desktop call it in process.</summary>
/// <param name="client">Speaks as the person whose apps these are.</param>
/// <param name="domain">The cloud's domain, under which addresses are made.</param>
/// <param name="time">The clock.</param>
public sealed partial class AppLaunchpad(KubeClient client, string domain, TimeProvider time)
{
    /// <summary>Makes an app. What had been made is taken back when a later part is refused.</summary>
    /// <exception cref="ApiException">The API refused, for example because an app of that name exists.</exception>
    public async Task<AppView> CreateAsync(string ns, AppForm form, CancellationToken ct)
    {
        var complete = AppNames.Complete(form, domain);
        var deployment = await client.CreateAsync(AppObjects.Deployment(ns, complete), ct).ConfigureAwait(false);
        try
        {
            if (AppObjects.Service(ns, complete) is { } service)
            {
                await client.CreateAsync(service, ct).ConfigureAwait(false);
            }

            foreach (var ingress in AppObjects.Ingresses(ns, complete))
            {
                await client.CreateAsync(ingress, ct).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // Taking back must happen even when the caller has gone away.
            await TakeBackAsync(ns, form.Name).ConfigureAwait(false);
            throw;
        }

        return AppReader.Read(deployment, Present(AppObjects.Service(ns, complete)), AppObjects.Ingresses(ns, complete));
    }

    /// <summary>A form with the names and addresses that are chosen once, when an app is first made.</summary>
    public AppForm Complete(AppForm form) => AppNames.Complete(form, domain);

    /// <summary>The apps of a workspace, or of all that the caller may see when <paramref name="ns"/> is null.</summary>
    public async Task<IReadOnlyList<AppView>> ListAsync(string? ns, CancellationToken ct)
    {
        var query = new ListQuery { LabelSelector = AppNames.ManagerLabel };
        var deployments = await client.ListAsync<Deployment>(ns, query, ct).ConfigureAwait(false);
        var services = await client.ListAsync<Service>(ns, query, ct).ConfigureAwait(false);
        var ingresses = await client.ListAsync<Ingress>(ns, query, ct).ConfigureAwait(false);
        var servicesOf = services.Items.ToLookup(AppOf);
        var ingressesOf = ingresses.Items.ToLookup(AppOf);
        return [.. deployments.Items.Select(d => AppReader.Read(d, servicesOf[AppOf(d)], ingressesOf[AppOf(d)]))];
    }

    /// <summary>One app, or null.</summary>
    public async Task<AppView?> FindAsync(string ns, string name, CancellationToken ct)
    {
        var deployment = await client.FindAsync<Deployment>(ns, name, ct).ConfigureAwait(false);
        if (deployment is null || !AppReader.IsApp(deployment))
        {
            return null;
        }

        var query = new ListQuery { LabelSelector = AppNames.Selector(name) };
        var services = await client.ListAsync<Service>(ns, query, ct).ConfigureAwait(false);
        var ingresses = await client.ListAsync<Ingress>(ns, query, ct).ConfigureAwait(false);
        return AppReader.Read(deployment, services.Items, ingresses.Items);
    }

    /// <summary>Sets how many instances run.</summary>
    public Task ScaleAsync(string ns, string name, int replicas, CancellationToken ct)
    {
        var text = replicas.ToString(CultureInfo.InvariantCulture);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [AppNames.MinReplicasAnnotation] = text, [AppNames.MaxReplicasAnnotation] = text } },
            ["spec"] = new JsonObject { ["replicas"] = replicas },
        };
        return client.PatchAsync<Deployment>(ns, name, patch, null, ct);
    }

    /// <summary>Replaces every instance by a new one, a few at a time.</summary>
    public Task RestartAsync(string ns, string name, CancellationToken ct)
    {
        var stamp = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var labels = new JsonObject { ["labels"] = new JsonObject { [AppNames.RestartLabel] = stamp } };
        var patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = labels } } };
        return client.PatchAsync<Deployment>(ns, name, patch, null, ct);
    }

    /// <summary>Removes an app and everything it is made of; the address first, so that nobody meets a half of it.</summary>
    public async Task DeleteAsync(string ns, string name, CancellationToken ct)
    {
        if (await FindAsync(ns, name, ct).ConfigureAwait(false) is null)
        {
            throw new ApiException(404, "NotFound", $"there is no app '{name}' in {ns}");
        }

        await DeletePartsAsync(ns, name, ct).ConfigureAwait(false);
    }

    /// <summary>The app's instances.</summary>
    public async Task<IReadOnlyList<Pod>> InstancesAsync(string ns, string name, CancellationToken ct) =>
        (await client.ListAsync<Pod>(ns, new ListQuery { LabelSelector = AppNames.Instances(name) }, ct).ConfigureAwait(false)).Items;

    /// <summary>What happened to an app lately, the latest first.</summary>
    public async Task<IReadOnlyList<AppEvent>> EventsAsync(string ns, string name, CancellationToken ct) =>
        AppEvents.Of(name, (await client.ListAsync<Event>(ns, null, ct).ConfigureAwait(false)).Items);

    private static IEnumerable<Service> Present(Service? service) => service is null ? [] : [service];

    private static string AppOf(IKubeObject obj) => $"{obj.Metadata.Namespace}/{obj.Metadata.Labels?.GetValueOrDefault(AppNames.ManagerLabel)}";

    private async Task TakeBackAsync(string ns, string name)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
        try
        {
            await DeletePartsAsync(ns, name, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException)
        {
            // What made creating fail is what the caller is told.
        }
    }

    private async Task DeletePartsAsync(string ns, string name, CancellationToken ct)
    {
        var query = new ListQuery { LabelSelector = AppNames.Selector(name) };
        foreach (var ingress in (await client.ListAsync<Ingress>(ns, query, ct).ConfigureAwait(false)).Items)
        {
            await DeleteOneAsync<Ingress>(ns, ingress.Metadata.Name!, ct).ConfigureAwait(false);
        }

        foreach (var service in (await client.ListAsync<Service>(ns, query, ct).ConfigureAwait(false)).Items)
        {
            await DeleteOneAsync<Service>(ns, service.Metadata.Name!, ct).ConfigureAwait(false);
        }

        await DeleteOneAsync<Deployment>(ns, name, ct).ConfigureAwait(false);
    }

    private async Task DeleteOneAsync<T>(string ns, string name, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        try
        {
            await client.DeleteAsync<T>(ns, name, new DeleteOptions { PropagationPolicy = "Background" }, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody else was quicker.
        }
    }
}
