namespace Sealos.Node.Images;

/// <summary>An image to be written: one layer of files and how to run them.</summary>
/// <param name="Reference">The full name, such as <c>sealos.hub/library/hello:1</c>.</param>
/// <param name="Entries">The files, directories and links of its only layer.</param>
/// <param name="Config">How a container of it runs.</param>
public sealed record OciImage(string Reference, IReadOnlyList<OciEntry> Entries, OciImageConfig Config);

/// <summary>One file of an image.</summary>
/// <param name="Path">Absolute path in the container.</param>
/// <param name="Mode">Permissions.</param>
/// <param name="Content">The bytes of a file.</param>
public sealed record OciEntry(string Path, UnixFileMode Mode, ReadOnlyMemory<byte> Content)
{
    /// <summary>Where a symbolic link points; the entry is a link when set.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>Whether the entry is a directory.</summary>
    public bool IsDirectory { get; init; }
}

/// <summary>How a container of an image runs unless its pod says otherwise.</summary>
public sealed record OciImageConfig
{
    /// <summary>The program and its first arguments.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>Arguments that a pod may replace.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Variables as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Ports as <c>8080/tcp</c>.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary>User and group, numeric so that "not root" can be verified.</summary>
    public string? User { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
