namespace Sealos.ApiServer.Audit;

/// <summary>Where the audit log is written, and how much of it is kept.</summary>
/// <param name="File">The file that is written to; full ones lie beside it with the time in their names.</param>
public sealed record AuditLogOptions(string File)
{
    /// <summary>A policy of kind audit.k8s.io/v1 Policy; the default one holds while there is no such file.</summary>
    public string? PolicyFile { get; init; }

    /// <summary>A file that has grown so large is put aside.</summary>
    public long MaxBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>So many are kept aside.</summary>
    public int KeptAside { get; init; } = 4;

    /// <summary>Those that were put aside longer ago are deleted.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>What may wait to be written; beyond it events are left out.</summary>
    public long MaxWaitingBytes { get; init; } = 8 * 1024 * 1024;
}
