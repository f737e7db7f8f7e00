using Sealos.Node.Storage;
using Sealos.Node.Volumes;

namespace Sealos.Node.Stats;

/// <summary>Measures the volumes behind claims, each once however many pods use it.</summary>
internal static class ClaimStats
{
    /// <summary>What the claims hold, by the uid of the pod that uses them. Those that cannot be measured now are left out.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<VolumeUsage>> Measure(IEnumerable<UsedClaim> claims, DateTimeOffset now)
    {
        var rooms = new Dictionary<string, VolumeRoom?>(StringComparer.Ordinal);
        return claims.GroupBy(c => c.PodUid, StringComparer.Ordinal).ToDictionary(
            pod => pod.Key,
            pod => (IReadOnlyList<VolumeUsage>)[.. pod.Select(c => ToUsage(c, RoomOf(c.Path, rooms), now)).OfType<VolumeUsage>()],
            StringComparer.Ordinal);
    }

    private static VolumeUsage? ToUsage(UsedClaim claim, VolumeRoom? measured, DateTimeOffset now) => measured is { } room
        ? new VolumeUsage(now, (ulong)room.Available, (ulong)room.Capacity, (ulong)room.Used, claim.Volume, new ClaimReference(claim.Claim, claim.Namespace))
        : null;

    private static VolumeRoom? RoomOf(string path, Dictionary<string, VolumeRoom?> known)
    {
        if (!known.TryGetValue(path, out var room))
        {
            known[path] = room = Find(path);
        }

        return room;
    }

    private static VolumeRoom? Find(string path)
    {
        try
        {
            return VolumeRoom.Of(path);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            // Deleted meanwhile, or on a disk that is broken: the rest is still worth telling.
            return null;
        }
    }
}
