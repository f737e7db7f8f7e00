using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Users;

namespace Sealos.Host.InCluster;

/// <summary>What an installation has come to.</summary>
/// <param name="Console">The desktop's address.</param>
/// <param name="Password">The operator's password where it is new; shown once.</param>
/// <param name="Authority">PEM of the authority that signed the domain's certificate.</param>
public sealed record InstalledCluster(string Console, string? Password, string Authority);

/// <summary>
/// Installs the services into a cluster that is reached by a kubeconfig, changes what is installed, and takes it away again. Everything is
/// written by server-side apply, so that running it twice changes nothing and a newer one upgrades.
/// </summary>
public sealed class ClusterInstaller(KubeClient client, TimeProvider time, Action<string> say)
{
    private const string Manager = "sealos-install";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(397);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(130);

    private readonly ClusterSurvey _survey = new(client);

    /// <summary>What there is to be written, by name; nothing is changed.</summary>
    public async Task<IReadOnlyList<string>> PlanAsync(ClusterRequest request, CancellationToken ct)
    {
        request = request.Over(await InstalledAsync(ct).ConfigureAwait(false));
        var options = await OptionsAsync(request, 443, ct).ConfigureAwait(false);
        return [.. ClusterObjects.First(request).Select(o => o.Title), $"Secret {ClusterObjects.TlsSecret}", .. ClusterObjects.Rest(options, request, "").Select(o => o.Title)];
    }

    /// <summary>Installs, or changes what is installed, and waits until it runs.</summary>
    /// <exception cref="TimeoutException">It does not run in time; the message says what is in its way.</exception>
    public async Task<InstalledCluster> InstallAsync(ClusterRequest request, TimeSpan limit, CancellationToken ct)
    {
        request = request.Over(await InstalledAsync(ct).ConfigureAwait(false));
        await OptionsAsync(request, 443, ct).ConfigureAwait(false);
        foreach (var part in ClusterObjects.First(request))
        {
            await ApplyAsync(part, ct).ConfigureAwait(false);
        }

        var options = await OptionsAsync(request, await PublicPortAsync(request.Expose, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        var (authority, version) = await CertificateAsync(options.Domain, ct).ConfigureAwait(false);
        foreach (var part in ClusterObjects.Rest(options, request, version))
        {
            await ApplyAsync(part, ct).ConfigureAwait(false);
        }

        var users = new UserDirectory(client);
        var password = await users.PrepareAdminAsync(ct).ConfigureAwait(false);
        await WaitAsync(limit, ct).ConfigureAwait(false);
        if (!await users.IsReadyWithinAsync(UserDirectory.AdminName, limit, time, ct).ConfigureAwait(false))
        {
            throw new TimeoutException($"the user '{UserDirectory.AdminName}' is not ready after {limit.TotalSeconds:0} s; 'kubectl get user {UserDirectory.AdminName} -o yaml' says why, and another 'sealos install' goes on");
        }

        return new InstalledCluster(options.AddressOf(options.Domain), await users.SetAdminPasswordAsync(password, ct).ConfigureAwait(false), authority);
    }

    /// <summary>What uninstalling takes away.</summary>
    public static IReadOnlyList<string> Goes { get; } = [.. ClusterObjects.Gone.Select(g => g.Title)];

    /// <summary>Takes the services away; users, workspaces and what runs in them stay.</summary>
    public async Task UninstallAsync(TimeSpan limit, CancellationToken ct)
    {
        // The server puts its webhook back as long as it runs, and without it nothing could be written in workspaces.
        await DeleteAsync(ClusterObjects.DeploymentPath, ct).ConfigureAwait(false);
        await UntilAsync("the servers to end", limit, async () => (await PodsAsync(ct).ConfigureAwait(false)).Count == 0, ct).ConfigureAwait(false);
        foreach (var (title, path) in ClusterObjects.Gone)
        {
            await DeleteAsync(path, ct).ConfigureAwait(false);
            say($"  deleted {title}");
        }

        await UntilAsync($"the namespace {ClusterOptions.Namespace} to go", limit, async () => await _survey.FindAsync($"/api/v1/namespaces/{ClusterOptions.Namespace}", ct).ConfigureAwait(false) is null, ct).ConfigureAwait(false);
    }

    private async Task<ClusterOptions> OptionsAsync(ClusterRequest request, int port, CancellationToken ct)
    {
        var options = new ClusterOptions
        {
            Domain = request.Domain ?? throw new InvalidDataException("--domain: a new installation needs the domain under which people reach it"),
            PublicHttpsPort = port,
            ApiServer = client.Config.Server,
            ApiAuthority = client.Config.CertificateAuthorityPem,
            FollowsNodes = request.PodRange is null,
            PodRanges = await _survey.PodRangesAsync(request.PodRange, ct).ConfigureAwait(false),
            ServiceRanges = await _survey.ServiceRangesAsync(request.ServiceRange, ct).ConfigureAwait(false),
            StorageClasses = await _survey.StorageClassesAsync(ct).ConfigureAwait(false),
            SingleUser = request.SingleUser ?? false,
            IsInPod = true,
        };
        var problems = options.Validate().ToList();
        return problems.Count == 0 ? options : throw new InvalidDataException(string.Join("\nerror: ", problems));
    }

    // An installation by an earlier version has kept nothing but its settings.
    private async Task<ClusterRequest?> InstalledAsync(CancellationToken ct)
    {
        var map = await client.FindAsync<ConfigMap>(ClusterOptions.Namespace, ClusterOptions.Name, ct).ConfigureAwait(false);
        if (map?.Data?.GetValueOrDefault(ClusterObjects.Kept) is { } kept)
        {
            return ClusterRequest.Read(kept);
        }

        return map?.Data?.GetValueOrDefault("cluster.json") is { } text
            ? new ClusterRequest { Domain = (string?)JsonNode.Parse(text)?["domain"], SingleUser = (bool?)JsonNode.Parse(text)?["singleUser"] }
            : null;
    }

    private async Task<int> PublicPortAsync(string? expose, CancellationToken ct)
    {
        var service = await client.GetAsync<Service>(ClusterOptions.Namespace, ClusterOptions.Name, ct).ConfigureAwait(false);
        return expose == "NodePort" ? service.Spec?.Ports?.FirstOrDefault(p => p.Name == "https")?.NodePort ?? 443 : 443;
    }

    // The authority is kept as long as it lasts: people trust it in their browsers.
    private async Task<(string Authority, string Version)> CertificateAsync(string domain, CancellationToken ct)
    {
        var found = await client.FindAsync<Secret>(ClusterOptions.Namespace, ClusterObjects.TlsSecret, ct).ConfigureAwait(false);
        if (Text(found, "ca.crt") is { } kept && Text(found, "tls.crt") is { } current && Fits(current, domain))
        {
            return (kept, found!.Metadata.ResourceVersion!);
        }

        using var authority = Text(found, "ca.crt") is { } certificate && Text(found, "ca.key") is { } key
            ? CertificateAuthority.Load(new KeyPair(certificate, key), time)
            : CertificateAuthority.Create($"Sealos local authority ({domain})", time);
        var made = authority.IssueServer([domain, $"*.{domain}"], [], Lifetime);
        var files = new Dictionary<string, string>
        {
            ["ca.crt"] = authority.Pair.CertificatePem,
            ["ca.key"] = authority.Pair.KeyPem,
            ["tls.crt"] = made.CertificatePem + "\n" + authority.Pair.CertificatePem,
            ["tls.key"] = made.KeyPem,
        };
        var written = await ApplyAsync(new ClusterObject(ClusterObjects.SecretPath, ClusterObjects.Tls(files)), ct).ConfigureAwait(false);
        return (authority.Pair.CertificatePem, (string)written["metadata"]!["resourceVersion"]!);
    }

    private bool Fits(string pem, string domain)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return certificate.MatchesHostname(domain) && certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > RenewBefore;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string? Text(Secret? secret, string key) => secret?.Data?.GetValueOrDefault(key) is { Length: > 0 } bytes ? Encoding.ASCII.GetString(bytes) : null;

    private async Task<JsonObject> ApplyAsync(ClusterObject part, CancellationToken ct)
    {
        using var body = new StringContent(part.Document.ToJsonString(), Encoding.UTF8);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml");
        var written = await client.SendAsync<JsonObject>(HttpMethod.Patch, $"{part.Path}?fieldManager={Manager}&force=true", body, ct).ConfigureAwait(false);
        say($"  {part.Title}");
        return written;
    }

    private async Task DeleteAsync(string path, CancellationToken ct)
    {
        try
        {
            await client.SendAsync<JsonNode>(HttpMethod.Delete, path + "?propagationPolicy=Foreground", null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }

    private async Task WaitAsync(TimeSpan limit, CancellationToken ct)
    {
        var told = "";
        await UntilAsync("the servers to run", limit, async () =>
        {
            var deployment = (await _survey.FindAsync(ClusterObjects.DeploymentPath, ct).ConfigureAwait(false))!;
            var (wanted, status) = ((int?)deployment["spec"]!["replicas"] ?? 1, deployment["status"]);
            var (updated, available, all) = ((int?)status?["updatedReplicas"] ?? 0, (int?)status?["availableReplicas"] ?? 0, (int?)status?["replicas"] ?? 0);
            var isSeen = (long?)status?["observedGeneration"] >= (long?)deployment["metadata"]!["generation"];
            var pods = await PodsAsync(ct).ConfigureAwait(false);
            var leads = pods.Any(p => p.Metadata.Labels?.GetValueOrDefault(ClusterProcess.LeaderLabel) == "true");
            var now = $"  {Math.Min(updated, available)} of {wanted} servers run{(leads ? ", one leads" : "")}";
            if (now != told)
            {
                say(told = now);
            }

            if (pods.SelectMany(p => p.Status?.ContainerStatuses ?? []).Select(c => c.State?.Waiting).FirstOrDefault(w => w?.Reason is "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName") is { } stuck)
            {
                throw new InvalidDataException($"the cluster cannot get the image: {stuck.Message}\nWrite it with 'sealos install --write-image FILE', then load it into the cluster's nodes ('sealos image load FILE' where it is a Sealos cloud) or push it to a registry they reach and name it with --image");
            }

            return isSeen && updated == wanted && available == wanted && all == wanted && leads;
        }, ct).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Pod>> PodsAsync(CancellationToken ct) =>
        (await client.ListAsync<Pod>(ClusterOptions.Namespace, new ListQuery { LabelSelector = $"app.kubernetes.io/name={ClusterOptions.Name}" }, ct).ConfigureAwait(false)).Items;

    private async Task UntilAsync(string what, TimeSpan limit, Func<Task<bool>> isSo, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (!await isSo().ConfigureAwait(false))
        {
            if (time.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"waited {limit.TotalSeconds:0} s for {what}; 'kubectl -n {ClusterOptions.Namespace} get pods' and their logs say more, and the same command goes on");
            }

            await Task.Delay(Look, time, ct).ConfigureAwait(false);
        }
    }
}
