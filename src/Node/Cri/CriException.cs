namespace Sealos.Node.Cri;

/// <summary>The status codes of gRPC that are told apart here.</summary>
internal enum GrpcCode
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
}

/// <summary>A call to the container runtime was answered with an error, or not at all (<see cref="GrpcCode.Unavailable"/>).</summary>
internal sealed class CriException(string method, GrpcCode code, string detail, Exception? inner = null)
    : Exception(detail.Length == 0 ? $"{method}: {code}" : detail, inner)
{
    /// <summary>The call, such as <c>RunPodSandbox</c>.</summary>
    public string Method { get; } = method;

    /// <summary>The gRPC status.</summary>
    public GrpcCode Code { get; } = code;

    /// <summary>What was asked for does not exist.</summary>
    public bool IsNotFound => Code == GrpcCode.NotFound;

    /// <summary>The call, or the command run by ExecSync, took longer than allowed.</summary>
    public bool IsDeadlineExceeded => Code == GrpcCode.DeadlineExceeded;

    /// <summary>The runtime cannot be reached.</summary>
    public bool IsUnavailable => Code == GrpcCode.Unavailable;
}
