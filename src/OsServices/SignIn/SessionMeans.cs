using Sealos.OsServices.SignIn.Device;

namespace Sealos.OsServices.SignIn;

/// <summary>How a session was opened: in words, with which passkey, and on whose word.</summary>
internal sealed record SessionMeans(string Method, string? Passkey = null)
{
    /// <summary>Who approved, where a program was let in.</summary>
    public DeviceApproval? Approval { get; init; }

    public static implicit operator SessionMeans(string method) => new(method);
}
