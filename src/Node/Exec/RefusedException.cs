namespace Sealos.Node.Exec;

/// <summary>A request that cannot be served; status and message go to the caller.</summary>
internal sealed class RefusedException(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;
}
