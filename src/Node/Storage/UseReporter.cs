using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.Node.Storage;

/// <summary>
/// Writes on claims how much their volumes hold, so that whoever describes one sees it, and warns before a volume is full. Programs in
/// containers see only the whole pool.
/// </summary>
internal sealed partial class UseReporter(StorageContext context, Informer<PersistentVolumeClaim> claims, Informer<PersistentVolume> volumes, ILogger logger)
{
    /// <summary>The annotation that says it.</summary>
    public const string Used = "volumes.sealos.io/used";

    // Of the size. Each report is a write to the API, so that small changes wait for others.
    private const double WorthTelling = 0.05;
    private const double NearlyAll = 0.9;

    // Uids of claims that were told. After a start they are told once more.
    private HashSet<string> _overfull = [];

    /// <summary>Reports what has changed.</summary>
    public async Task ReportAsync(CancellationToken ct)
    {
        if (context.Pool.Driver is not { EnforcesSizes: true } driver)
        {
            return;
        }

        try
        {
            await driver.SettleAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            LogNotSettled(logger, e.Message);
        }

        var overfull = new HashSet<string>(StringComparer.Ordinal);
        foreach (var volume in volumes.List().Where(v => StorageObjects.IsOurs(v) && v.Status?.Phase == "Bound"))
        {
            try
            {
                await ReportAsync(volume, overfull, ct).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not (HttpRequestException or OperationCanceledException))
            {
                // Another volume's trouble is no reason to be silent of the rest.
                LogNotReported(logger, volume.Metadata.Name!, e.Message);
            }
        }

        _overfull = overfull;
    }

    private async Task ReportAsync(PersistentVolume volume, HashSet<string> overfull, CancellationToken ct)
    {
        if (volume.Spec!.ClaimRef is not { Name: { } name } reference || claims.Get(reference.Namespace, name) is not { Metadata.DeletionTimestamp: null } claim || claim.Metadata.Uid != reference.Uid)
        {
            return;
        }

        var room = VolumeRoom.Of(context.Pool.Folder.PathOf(volume.Spec.Csi!.VolumeHandle ?? ""));
        await TellAsync(claim, room, ct).ConfigureAwait(false);
        if (room.IsOverfull && overfull.Add(claim.Metadata.Uid!) && !_overfull.Contains(claim.Metadata.Uid!))
        {
            var (held, size) = (InMebibytes(room.Used), InMebibytes(room.Capacity));
            context.Events.Warning(claim, "VolumeOverfull", string.Create(CultureInfo.InvariantCulture, $"The volume holds {held}Mi, more than its size of {size}Mi, since a snapshot or copy that shared it was deleted. It can be written to up to {2 * size}Mi, and no further than {size}Mi once it holds less than that. Delete files, or ask for {held}Mi or more in spec.resources.requests.storage"));
        }
    }

    /// <summary>What is to be written in place of what was, or null when that is near enough. Pure.</summary>
    internal static string? TextFor(string? told, VolumeRoom room)
    {
        var isNear = Told(told) is { } before && Math.Abs(before - room.Used) < room.Capacity * WorthTelling && IsNearlyFull(before, room) == IsNearlyFull(room.Used, room);
        var text = string.Create(CultureInfo.InvariantCulture, $"{InMebibytes(Shown(room))}Mi");
        return isNear || text == told ? null : text;
    }

    /// <summary>Whether that many bytes are nearly all that a volume may hold.</summary>
    internal static bool IsNearlyFull(long used, VolumeRoom room) => used >= room.Capacity * NearlyAll;

    // Their owner can write anything there.
    private static long? Told(string? text) => Quantity.TryParse(text, out var told) && told.LongValue is >= 0 and var bytes ? bytes : null;

    // A volume that is full to the last block holds its file system's notes of that besides.
    private static long Shown(VolumeRoom room) => room.Used < room.Capacity * (1 + WorthTelling) ? Math.Min(room.Used, room.Capacity) : room.Used;

    private async Task TellAsync(PersistentVolumeClaim claim, VolumeRoom room, CancellationToken ct)
    {
        var told = claim.Metadata.Annotations?.GetValueOrDefault(Used);
        if (TextFor(told, room) is not { } text)
        {
            return;
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = claim.Metadata.Uid, ["annotations"] = new JsonObject { [Used] = text } } };
        try
        {
            await context.Client.PatchAsync<PersistentVolumeClaim>(claim.Metadata.Namespace, claim.Metadata.Name!, patch, null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, and perhaps another of its name is there.
            return;
        }

        if (IsNearlyFull(room.Used, room) && !(Told(told) is { } before && IsNearlyFull(before, room)))
        {
            context.Events.Warning(claim, "VolumeNearlyFull", string.Create(CultureInfo.InvariantCulture, $"{text} of {InMebibytes(room.Capacity)}Mi are used{(Shown(room) > room.Capacity ? ", with what is shared with snapshots or copies" : "")}; what is written past the size fails. Ask for more in spec.resources.requests.storage"));
        }
    }

    private static long InMebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    [LoggerMessage(1, LogLevel.Warning, "what volume {Volume} holds could not be written on its claim: {Reason}")]
    private static partial void LogNotReported(ILogger logger, string volume, string reason);

    [LoggerMessage(2, LogLevel.Warning, "volumes that share something could not be held to their size: {Reason}")]
    private static partial void LogNotSettled(ILogger logger, string reason);
}
