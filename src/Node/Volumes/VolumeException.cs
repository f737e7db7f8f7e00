namespace Sealos.Node.Volumes;

/// <summary>A volume cannot be made; reason and message become the event that the pod's owner sees.</summary>
internal sealed class VolumeException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Reason of everything that may succeed when it is tried again.</summary>
    public const string FailedMount = "FailedMount";

    /// <summary>The event's reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>A failure to make the volume of that name.</summary>
    public static VolumeException Of(string volume, string message, Exception? inner = null) =>
        new(FailedMount, $"MountVolume.SetUp failed for volume \"{volume}\" : {message}", inner);
}
