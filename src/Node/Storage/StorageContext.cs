using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;

namespace Sealos.Node.Storage;

/// <summary>What those who make, grow and remove volumes share.</summary>
internal sealed record StorageContext(string NodeName, string PodsRoot, VolumePool Pool, KubeClient Client, EventRecorder Events)
{
    /// <summary>Finds what new volumes are filled from.</summary>
    public VolumeSources Sources { get; } = new(Client);
}
