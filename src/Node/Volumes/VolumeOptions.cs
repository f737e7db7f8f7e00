namespace Sealos.Node.Volumes;

/// <summary>Where volumes lie.</summary>
internal sealed record VolumeOptions
{
    /// <summary>The folder with one folder a pod, named by its uid.</summary>
    public required string PodsRoot { get; init; }

    /// <summary>The folder of all secrets and tokens. Where it does not lie in memory already, memory is mounted there: none may ever reach the disk.</summary>
    public required string SecretsRoot { get; init; }

    /// <summary>The folder of persistent volumes, by their handles.</summary>
    public string PersistentRoot { get; init; } = "/var/lib/sealos/volumes";

    /// <summary>How often tokens are looked at.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the size of volumes with a limit is measured.</summary>
    public TimeSpan MeasureInterval { get; init; } = TimeSpan.FromMinutes(1);
}
