namespace Sealos.OsServices.Admission.Hosts;

/// <summary>Whose public hosts are.</summary>
internal interface IHostClaims
{
    /// <summary>
    /// Takes a host for a workspace, or finds out, without taking it, whether it could be had. Who already has it keeps it, without being
    /// asked for a proof again.
    /// </summary>
    /// <param name="want">The host, and for whom.</param>
    /// <param name="ct">Ends the wait for DNS and the API.</param>
    /// <returns>Why it is not theirs; null when it is.</returns>
    Task<Refusal?> TakeAsync(HostWant want, CancellationToken ct);
}

/// <summary>A host that a workspace wants.</summary>
/// <param name="Host">The host, in lower case.</param>
/// <param name="Namespace">The workspace.</param>
/// <param name="IsOwnDomain">Whether it lies outside the cloud's domain, so that it must be proven.</param>
/// <param name="IsDryRun">Whether nothing may be written.</param>
internal sealed record HostWant(string Host, string Namespace, bool IsOwnDomain, bool IsDryRun);
