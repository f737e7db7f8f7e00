using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pressure;

/// <summary>Takes images that no container uses off a disk that fills up, the longest unused first; pinned ones stay.</summary>
internal sealed partial class ImageCollector(CriClient cri, Func<CancellationToken, Task<IReadOnlySet<string>>> listPinned, PressureOptions options, TimeProvider time, ILogger<ImageCollector> logger)
{
    private readonly Dictionary<string, DateTimeOffset> _usedAt = new(StringComparer.Ordinal);

    /// <summary>When the disk is fuller than it may be, frees as much as brings it down again.</summary>
    public async Task CollectAsync(Room disk, CancellationToken ct)
    {
        var used = disk.Total - disk.Available;
        var isFull = disk.Total > 0 && used * 100 >= disk.Total * options.ImageHighPercent;
        await CollectAsync(isFull ? used - (disk.Total * options.ImageLowPercent / 100) : 0, options.ImageMinAge, ct).ConfigureAwait(false);
    }

    /// <summary>Frees at least so many bytes, as far as there is what can go, and returns how many.</summary>
    public async Task<long> CollectAsync(long bytes, TimeSpan minAge, CancellationToken ct)
    {
        var images = await cri.ListImagesAsync(ct).ConfigureAwait(false);
        var inUse = (await cri.ListContainersAsync(null, ct).ConfigureAwait(false)).SelectMany(c => new[] { c.ImageRef, c.Image?.Image ?? "" }).ToHashSet(StringComparer.Ordinal);
        var now = time.GetUtcNow();
        Remember(images, inUse, now);
        if (bytes <= 0)
        {
            return 0;
        }

        var pinned = await listPinned(ct).ConfigureAwait(false);
        var freed = 0L;
        foreach (var image in Candidates(images, inUse, pinned, _usedAt).Where(i => now - _usedAt[i.Id] >= minAge).TakeWhile(_ => freed < bytes))
        {
            freed += await TryRemoveAsync(image, ct).ConfigureAwait(false) ? (long)image.Size : 0;
        }

        if (freed < bytes)
        {
            LogNotEnough(logger, bytes, freed);
        }

        return freed;
    }

    /// <summary>Images that may go, the longest unused first.</summary>
    internal static IEnumerable<V1.Image> Candidates(IEnumerable<V1.Image> images, IReadOnlySet<string> inUse, IReadOnlySet<string> pinned, IReadOnlyDictionary<string, DateTimeOffset> usedAt) => images
        .Where(i => !i.Pinned && !IsIn(i, inUse) && !IsIn(i, pinned))
        .OrderBy(i => usedAt[i.Id]);

    private static bool IsIn(V1.Image image, IReadOnlySet<string> names) => names.Contains(image.Id) || image.RepoTags.Concat(image.RepoDigests).Any(names.Contains);

    // An image that has just come counts as used: somebody has pulled it for a reason.
    private void Remember(IReadOnlyList<V1.Image> images, HashSet<string> inUse, DateTimeOffset now)
    {
        foreach (var image in images.Where(i => !_usedAt.ContainsKey(i.Id) || IsIn(i, inUse)))
        {
            _usedAt[image.Id] = now;
        }

        foreach (var gone in _usedAt.Keys.Except(images.Select(i => i.Id)).ToList())
        {
            _usedAt.Remove(gone);
        }
    }

    private async Task<bool> TryRemoveAsync(V1.Image image, CancellationToken ct)
    {
        var name = image.RepoTags.Concat(image.RepoDigests).FirstOrDefault() ?? image.Id;
        try
        {
            await cri.RemoveImageAsync(image.Id, ct).ConfigureAwait(false);
            LogRemoved(logger, name, (long)image.Size);
            return true;
        }
        catch (CriException e)
        {
            LogNotRemoved(logger, name, e.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "image {Name} of {Bytes} bytes, which no container used, is removed to free the disk")]
    private static partial void LogRemoved(ILogger logger, string name, long bytes);

    [LoggerMessage(2, LogLevel.Warning, "image {Name} could not be removed: {Reason}")]
    private static partial void LogNotRemoved(ILogger logger, string name, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Wanted} bytes should be freed on the disk, but images that nobody uses gave only {Freed}")]
    private static partial void LogNotEnough(ILogger logger, long wanted, long freed);
}
