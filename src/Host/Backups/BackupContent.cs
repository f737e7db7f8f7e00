using System.Text.Json.Serialization;
using Sealos.Host.Configuration;

namespace Sealos.Host.Backups;

/// <summary>What a backup says about itself; it stands last in the file, so that one cut off has none.</summary>
public sealed record BackupContent
{
    /// <summary>The format's version.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The program that made it.</summary>
    public string Program { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The cloud it was made of.</summary>
    public string Instance { get; init; } = "";

    /// <summary>The node's name then, which everything that runs is bound to.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>The store's newest revision.</summary>
    public long Revision { get; init; }

    /// <summary>The SHA-256 of each file.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    internal const int CurrentFormat = 1;

    /// <summary>Where the file's own description stands in it.</summary>
    internal const string EntryName = "backup.json";
}

/// <summary>What a cloud is made of, each relative to the data folder: its objects, its keys and its settings.</summary>
internal static class CloudParts
{
    public const string Settings = "cloud.json";
    public const string Store = "store";
    public const string Certificates = "pki";

    public static string Database => $"{Store}/{Path.GetFileName(new CloudPaths(new CloudOptions()).Store)}";

    /// <summary>In the order in which they are exchanged.</summary>
    public static IReadOnlyList<string> All => [Store, Certificates, Settings];

    /// <summary>Whether a backup may hold a file of this name.</summary>
    public static bool Allows(string name) =>
        name == Settings || name == Database || (name.StartsWith(Certificates + "/", StringComparison.Ordinal) && Path.GetFileName(name) == name[(Certificates.Length + 1)..] && name.Length > Certificates.Length + 1 && !name.EndsWith("/..", StringComparison.Ordinal));
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BackupContent))]
internal sealed partial class BackupContext : JsonSerializerContext;
