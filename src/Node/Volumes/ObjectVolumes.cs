using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>What the files of one volume are, and when they must be looked at again.</summary>
internal sealed record VolumeContent(Dictionary<string, PayloadFile> Files, DateTimeOffset? RefreshAt = null);

/// <summary>Collects the files of volumes that are made from objects: configMap, secret, downwardAPI and projected.</summary>
internal sealed class ObjectVolumes(IVolumeObjects objects, ResourceValue resourceValue, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The files of a volume; null when it is of another type. A token that still lies in <paramref name="folder"/> and is fresh is kept.</summary>
    /// <exception cref="InvalidDataException">What the volume asks for is not there.</exception>
    public async Task<VolumeContent?> CollectAsync(Pod pod, Volume volume, string folder, CancellationToken ct)
    {
        if (volume.ConfigMap is { } map)
        {
            return new VolumeContent(await ConfigMapAsync(pod, map.Name, map.Items, map.DefaultMode, map.Optional == true, ct).ConfigureAwait(false));
        }

        if (volume.Secret is { } secret)
        {
            return new VolumeContent(await SecretAsync(pod, secret.SecretName, secret.Items, secret.DefaultMode, secret.Optional == true, ct).ConfigureAwait(false));
        }

        if (volume.DownwardAPI is { } downward)
        {
            return new VolumeContent(Payloads.FromPod(pod, downward.Items, downward.DefaultMode ?? Payloads.DefaultMode, resourceValue));
        }

        return volume.Projected is { } projected ? await ProjectedAsync(pod, projected, folder, ct).ConfigureAwait(false) : null;
    }

    /// <summary>The objects that a volume is made from.</summary>
    public static IEnumerable<ObjectReferenceKey> ReferencesOf(Pod pod, Volume volume)
    {
        var ns = pod.Metadata.Namespace ?? "";
        var maps = (volume.Projected?.Sources ?? []).Select(s => s.ConfigMap?.Name).Append(volume.ConfigMap?.Name);
        var secrets = (volume.Projected?.Sources ?? []).Select(s => s.Secret?.Name).Append(volume.Secret?.SecretName);
        return maps.OfType<string>().Select(n => new ObjectReferenceKey("ConfigMap", ns, n))
            .Concat(secrets.OfType<string>().Select(n => new ObjectReferenceKey("Secret", ns, n)));
    }

    /// <summary>Whether a volume shows fields of the pod that may change while it runs.</summary>
    public static bool ShowsPod(Volume volume) => volume.DownwardAPI is not null || (volume.Projected?.Sources ?? []).Any(s => s.DownwardAPI is not null);

    private async Task<VolumeContent> ProjectedAsync(Pod pod, ProjectedVolumeSource projected, string folder, CancellationToken ct)
    {
        var files = new Dictionary<string, PayloadFile>();
        DateTimeOffset? refreshAt = null;
        var mode = projected.DefaultMode ?? Payloads.DefaultMode;
        foreach (var source in projected.Sources ?? [])
        {
            var (part, until) = await SourceAsync(pod, source, mode, folder, ct).ConfigureAwait(false);
            refreshAt = until < (refreshAt ?? DateTimeOffset.MaxValue) ? until : refreshAt;
            foreach (var (path, file) in part)
            {
                files[path] = file;
            }
        }

        return new VolumeContent(files, refreshAt);
    }

    private async Task<VolumeContent> SourceAsync(Pod pod, VolumeProjection source, int mode, string folder, CancellationToken ct)
    {
        if (source.ConfigMap is { } map)
        {
            return new VolumeContent(await ConfigMapAsync(pod, map.Name, map.Items, mode, map.Optional == true, ct).ConfigureAwait(false));
        }

        if (source.Secret is { } secret)
        {
            return new VolumeContent(await SecretAsync(pod, secret.Name, secret.Items, mode, secret.Optional == true, ct).ConfigureAwait(false));
        }

        if (source.DownwardAPI is { } downward)
        {
            return new VolumeContent(Payloads.FromPod(pod, downward.Items, mode, resourceValue));
        }

        return source.ServiceAccountToken is { } token
            ? await TokenAsync(pod, token, mode, folder, ct).ConfigureAwait(false)
            : throw new InvalidDataException("projected: clusterTrustBundle is not built yet; configMap, secret, downwardAPI and serviceAccountToken are");
    }

    private async Task<Dictionary<string, PayloadFile>> ConfigMapAsync(Pod pod, string? name, List<KeyToPath>? items, int? mode, bool isOptional, CancellationToken ct)
    {
        var map = await objects.FindConfigMapAsync(pod.Metadata.Namespace ?? "", name ?? "", ct).ConfigureAwait(false);
        return map is null && !isOptional
            ? throw new InvalidDataException($"configmap \"{name}\" not found")
            : Payloads.FromKeys($"configmap \"{name}\"", map is null ? [] : Payloads.Data(map), items, mode ?? Payloads.DefaultMode, isOptional);
    }

    private async Task<Dictionary<string, PayloadFile>> SecretAsync(Pod pod, string? name, List<KeyToPath>? items, int? mode, bool isOptional, CancellationToken ct)
    {
        var secret = await objects.FindSecretAsync(pod.Metadata.Namespace ?? "", name ?? "", ct).ConfigureAwait(false);
        return secret is null && !isOptional
            ? throw new InvalidDataException($"secret \"{name}\" not found")
            : Payloads.FromKeys($"secret \"{name}\"", secret?.Data ?? [], items, mode ?? Payloads.DefaultMode, isOptional);
    }

    private async Task<VolumeContent> TokenAsync(Pod pod, ServiceAccountTokenProjection projection, int mode, string folder, CancellationToken ct)
    {
        var path = projection.Path ?? "";
        var existing = Path.Combine(folder, path);
        var token = File.Exists(existing) ? await File.ReadAllBytesAsync(existing, ct).ConfigureAwait(false) : [];
        if (!ServiceAccountTokens.IsUsable(token, pod, projection, time.GetUtcNow()))
        {
            token = System.Text.Encoding.ASCII.GetBytes((await RequestAsync(pod, projection, ct).ConfigureAwait(false)).Token ?? "");
        }

        var user = CommonUser(pod);
        var isPrivate = user is not null || pod.Spec?.SecurityContext?.FsGroup is not null;
        var file = new PayloadFile(token, isPrivate ? OwnerOnly : (UnixFileMode)mode) { User = user };
        return new VolumeContent(new Dictionary<string, PayloadFile> { [path] = file }, ServiceAccountTokens.RefreshAt(token));
    }

    private async Task<Kinds.Authentication.TokenRequestStatus> RequestAsync(Pod pod, ServiceAccountTokenProjection projection, CancellationToken ct)
    {
        try
        {
            return await objects.RequestTokenAsync(pod, projection, ct).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            throw new InvalidDataException($"failed to fetch a token of service account \"{pod.Spec?.ServiceAccountName}\": {e.Message}", e);
        }
    }

    // The user of all containers, if they agree: then nobody else needs to read the token.
    private static long? CommonUser(Pod pod)
    {
        var users = (pod.Spec?.Containers ?? []).Concat(pod.Spec?.InitContainers ?? [])
            .Select(c => c.SecurityContext?.RunAsUser ?? pod.Spec?.SecurityContext?.RunAsUser).Distinct().ToList();
        return users is [{ } only] ? only : null;
    }
}
