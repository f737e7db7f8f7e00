using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

/// <summary>Gets a container's image onto the machine, as its pull policy says.</summary>
internal sealed class ImagePuller(CriClient cri, IPodApi api, TimeProvider time) : IDisposable
{
    private const int ParallelPulls = 3;

    private readonly SemaphoreSlim _turns = new(ParallelPulls);

    /// <summary>The image, pulled if need be; <paramref name="backoff"/> is the pod's own and counts failures.</summary>
    /// <exception cref="ContainerStartException">It cannot be had now.</exception>
    public async Task<V1.Image> EnsureAsync(Pod pod, Container container, Backoff backoff, CancellationToken ct)
    {
        var name = container.Image ?? "";
        var reference = ImageReference.TryParse(name);
        if (reference is null)
        {
            var message = $"Failed to apply default image tag \"{name}\": couldn't parse image name \"{name}\": invalid reference format";
            api.Warning(pod, "InspectFailed", message, container.Name);
            throw new ContainerStartException("InvalidImageName", message);
        }

        var present = await FindAsync(pod, container, reference, ct).ConfigureAwait(false);
        var policy = container.ImagePullPolicy ?? (reference.Text.EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent");
        if (policy == "Never" && present is null)
        {
            var message = $"Container image \"{name}\" is not present with pull policy of Never";
            api.Warning(pod, "ErrImageNeverPull", message, container.Name);
            throw new ContainerStartException("ErrImageNeverPull", message);
        }

        if (present is not null && policy != "Always")
        {
            api.Normal(pod, "Pulled", $"Container image \"{name}\" already present on machine", container.Name);
            return present;
        }

        var key = "image:" + reference.Text;
        if (backoff.Find(key) is not null)
        {
            api.Normal(pod, "BackOff", $"Back-off pulling image \"{name}\"", container.Name);
            throw new ContainerStartException("ImagePullBackOff", $"Back-off pulling image \"{name}\"");
        }

        return await PullAsync(pod, container, reference, new(backoff, key), ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task<V1.Image?> FindAsync(Pod pod, Container container, ImageReference reference, CancellationToken ct)
    {
        try
        {
            return await cri.ImageStatusAsync(reference.Text, ct).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            var message = $"Failed to inspect image \"{container.Image}\": {e.Message}";
            api.Warning(pod, "InspectFailed", message, container.Name);
            throw new ContainerStartException("ImageInspectError", message, e);
        }
    }

    private async Task<V1.Image> PullAsync(Pod pod, Container container, ImageReference reference, Tries tries, CancellationToken ct)
    {
        api.Normal(pod, "Pulling", $"Pulling image \"{container.Image}\"", container.Name);
        var start = time.GetTimestamp();
        await _turns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var begin = time.GetTimestamp();
            var pulled = await PullWithAnyAsync(pod, reference, ct).ConfigureAwait(false);
            var image = await cri.ImageStatusAsync(pulled, ct).ConfigureAwait(false)
                ?? throw new CriException("PullImage", GrpcCode.NotFound, $"image \"{reference.Text}\" is not there after it was pulled");
            tries.Backoff.Reset(tries.Key);
            api.Normal(pod, "Pulled", $"Successfully pulled image \"{container.Image}\" in {Text(time.GetElapsedTime(begin))} ({Text(time.GetElapsedTime(start))} including waiting). Image size: {image.Size} bytes.", container.Name);
            return image;
        }
        catch (CriException e)
        {
            tries.Backoff.Next(tries.Key, time.GetUtcNow());
            api.Warning(pod, "Failed", $"Failed to pull image \"{container.Image}\": {e.Message}", container.Name);
            throw new ContainerStartException("ErrImagePull", e.Message, e);
        }
        finally
        {
            _turns.Release();
        }
    }

    // Each fitting credential in turn; without any, as nobody.
    private async Task<string> PullWithAnyAsync(Pod pod, ImageReference reference, CancellationToken ct)
    {
        var secrets = new List<Secret>();
        foreach (var name in (pod.Spec?.ImagePullSecrets ?? []).Select(s => s.Name).OfType<string>())
        {
            if (await api.FindSecretAsync(pod.Namespace, name, ct).ConfigureAwait(false) is { } secret)
            {
                secrets.Add(secret);
            }
            else
            {
                api.Warning(pod, "FailedToRetrieveImagePullSecret", $"Unable to retrieve some image pull secrets ({name}); attempting to pull the image may not succeed.");
            }
        }

        List<V1.AuthConfig?> credentials = [.. PullCredentials.For(reference, secrets)];
        if (credentials.Count == 0)
        {
            credentials.Add(null);
        }

        for (var i = 0; ; i++)
        {
            try
            {
                return await cri.PullImageAsync(reference.Text, credentials[i], null, ct).ConfigureAwait(false);
            }
            catch (CriException) when (i + 1 < credentials.Count)
            {
                // The next credential may be the right one.
            }
        }
    }

    private static string Text(TimeSpan time) => time.TotalSeconds < 1
        ? time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms"
        : time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";

    private readonly record struct Tries(Backoff Backoff, string Key);
}
