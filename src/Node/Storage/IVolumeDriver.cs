namespace Sealos.Node.Storage;

/// <summary>
/// Where volumes lie. A volume is a folder <c>root/handle</c>. Every operation may be repeated after it broke off, and comes to the
/// same end.
/// </summary>
internal interface IVolumeDriver
{
    /// <summary>What it is called, in options and messages.</summary>
    string Name { get; }

    /// <summary>Whether a volume can hold no more than its size.</summary>
    bool EnforcesSizes { get; }

    /// <summary>Makes it ready to be used, as at each start.</summary>
    Task OpenAsync(CancellationToken ct);

    /// <summary>Makes a volume, filled with what a volume or snapshot holds where one is given.</summary>
    Task CreateAsync(string handle, long bytes, string? source, CancellationToken ct);

    /// <summary>Gives a volume another size.</summary>
    Task ResizeAsync(string handle, long bytes, CancellationToken ct);

    /// <summary>Keeps what a volume holds now, unchangeable, under a handle of its own.</summary>
    Task SnapshotAsync(string handle, string snapshot, CancellationToken ct);

    /// <summary>Removes a volume or snapshot; nothing happens when there is none.</summary>
    Task DeleteAsync(string handle, CancellationToken ct);

    /// <summary>Holds volumes to their size again that were let past it while something they shared was deleted. To be called now and then.</summary>
    Task SettleAsync(CancellationToken ct);
}
