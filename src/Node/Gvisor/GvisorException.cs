namespace Sealos.Node.Gvisor;

/// <summary>gVisor cannot be used on this machine; the message says why, and what to install.</summary>
public sealed class GvisorException(string message) : Exception(message);
