using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.Node.Storage;

/// <summary>
/// Writes on claims how much their volumes hold, so that whoever describes one sees it, and warns before a volume is full. Programs in
/// containers see only the whole pool.
/// </summary>
internal sealed class UseReporter(StorageContext context, Informer<PersistentVolumeClaim> claims, Informer<PersistentVolume> volumes)
{
    /// <summary>The annotation that says it.</summary>
    public const string Used = "volumes.sealos.io/used";

    // Of the size. Each report is a write to the API, so that small changes wait for others.
    private const double WorthTelling = 0.05;
    private const double NearlyAll = 0.9;

    /// <summary>Reports what has changed.</summary>
    public async Task ReportAsync(CancellationToken ct)
    {
        if (context.Pool.Driver is not { EnforcesSizes: true })
        {
            return;
        }

        foreach (var volume in volumes.List().Where(v => StorageObjects.IsOurs(v) && v.Status?.Phase == "Bound"))
        {
            if (volume.Spec!.ClaimRef is { Name: { } name } reference && claims.Get(reference.Namespace, name) is { Metadata.DeletionTimestamp: null } claim && claim.Metadata.Uid == reference.Uid
                && Measure(volume) is { } room)
            {
                await TellAsync(claim, room, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What is to be written in place of what was, or null when that is near enough. Pure.</summary>
    internal static string? TextFor(string? told, VolumeRoom room)
    {
        var isKnown = Quantity.TryParse(told, out var before);
        var isNear = isKnown && Math.Abs(before.LongValue - room.Used) < room.Capacity * WorthTelling && IsNearlyFull(before.LongValue, room) == IsNearlyFull(room.Used, room);
        var text = string.Create(CultureInfo.InvariantCulture, $"{InMebibytes(room.Used)}Mi");
        return isNear || text == told ? null : text;
    }

    /// <summary>Whether that many bytes are nearly all that a volume may hold.</summary>
    internal static bool IsNearlyFull(long used, VolumeRoom room) => used >= room.Capacity * NearlyAll;

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

        if (IsNearlyFull(room.Used, room) && !(Quantity.TryParse(told, out var before) && IsNearlyFull(before.LongValue, room)))
        {
            context.Events.Warning(claim, "VolumeNearlyFull", string.Create(CultureInfo.InvariantCulture, $"{text} of {InMebibytes(room.Capacity)}Mi are used; what is written past the size fails. Ask for more in spec.resources.requests.storage"));
        }
    }

    private VolumeRoom? Measure(PersistentVolume volume)
    {
        try
        {
            return VolumeRoom.Of(context.Pool.Folder.PathOf(volume.Spec!.Csi!.VolumeHandle ?? ""));
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            // Another volume's trouble is no reason to be silent of this one.
            return null;
        }
    }

    private static long InMebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
