namespace Sealos.Node.Volumes;

/// <summary>A file of a volume that is made from objects.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="Mode">Its permissions before the pod's group is added.</param>
internal sealed record PayloadFile(byte[] Data, UnixFileMode Mode)
{
    /// <summary>The user it belongs to; root when null.</summary>
    public long? User { get; init; }
}
