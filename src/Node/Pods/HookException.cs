namespace Sealos.Node.Pods;

/// <summary>A container's postStart or preStop hook failed; the message says how.</summary>
internal sealed class HookException(string message, Exception? inner = null) : Exception(message, inner);
