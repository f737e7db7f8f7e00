using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Kinds.Storage;

namespace Sealos.Node.Storage;

/// <summary>What a claim can ask for that this driver cannot do. It is refused by name, never ignored. Pure.</summary>
internal static class ProvisioningRules
{
    /// <exception cref="StorageException">It asks for something that is not built, or for more than there is.</exception>
    public static void Check(PersistentVolumeClaim claim, StorageClass storageClass, long poolBytes)
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

        CheckSize(claim, poolBytes);
    }

    /// <exception cref="StorageException">A claim asks for more than the whole of this node's storage.</exception>
    public static void CheckSize(PersistentVolumeClaim claim, long poolBytes)
    {
        var asked = claim.Spec!.Resources!.Requests!["storage"];
        if (asked.Value > poolBytes)
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture, $"{asked} is more than the storage of this node, which is {poolBytes >> 20}Mi"));
        }
    }
}
