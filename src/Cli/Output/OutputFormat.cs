namespace Sealos.Cli.Output;

/// <summary>How data is printed.</summary>
internal enum OutputFormat
{
    /// <summary>Aligned columns for people.</summary>
    Table,

    /// <summary>JSON for programs.</summary>
    Json,

    /// <summary>YAML for both.</summary>
    Yaml,
}
