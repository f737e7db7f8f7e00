namespace Sealos.Node.Containerd;

/// <summary>containerd could not be started; the message says why.</summary>
public sealed class ContainerdException(string message) : Exception(message);
