using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Kinds.Storage;

namespace Sealos.Node.Storage;

/// <summary>What a claim can ask for that this driver cannot do. It is refused by name, never ignored. Pure.</summary>
internal static class ProvisioningRules
{
    /// <exception cref="StorageException">It asks for something that is not built, or for more than there is.</exception>
    public static void Check(PersistentVolumeClaim claim, StorageClass storageClass, long poolBytes, decimal promisedBytes)
    {
        if (claim.Spec?.VolumeMode == "Block")
        {
            throw new StorageException("volumeMode Block is not supported; use Filesystem");
        }

        if (claim.Spec?.Selector is not null)
        {
            throw new StorageException("claim Selector is not supported");
        }

        if (storageClass.MountOptions is { Count: > 0 })
        {
            throw new StorageException($"mountOptions of StorageClass \"{storageClass.Metadata.Name}\" are not supported");
        }

        if (storageClass.Parameters is { Count: > 0 } parameters)
        {
            throw new StorageException($"StorageClass \"{storageClass.Metadata.Name}\" has unknown parameters: {string.Join(", ", parameters.Keys.Order(StringComparer.Ordinal))}");
        }

        CheckSize(claim, poolBytes, promisedBytes);
    }

    /// <summary>Checks a claim's size against what no other volume was promised: a promise is kept only as long as not all of it was made twice.</summary>
    /// <exception cref="StorageException">A claim asks for more than is left, or than the whole of this node's storage.</exception>
    public static void CheckSize(PersistentVolumeClaim claim, long poolBytes, decimal promisedBytes)
    {
        var asked = claim.Spec!.Resources!.Requests!["storage"];
        if (asked.Value > poolBytes)
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture, $"{asked} is more than the storage of this node, which is {poolBytes >> 20}Mi"));
        }

        if (asked.Value > poolBytes - promisedBytes)
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture, $"{asked} is more than is left of the storage of this node: of {poolBytes >> 20}Mi, {(long)promisedBytes >> 20}Mi are promised to other volumes"));
        }
    }

    /// <summary>The bytes that all volumes of this driver on a node have, but one.</summary>
    public static decimal Promised(IEnumerable<PersistentVolume> volumes, string? but) =>
        volumes.Where(v => StorageObjects.IsOurs(v) && v.Metadata.Name != but).Sum(v => v.Spec?.Capacity?.GetValueOrDefault("storage").Value ?? 0);
}
