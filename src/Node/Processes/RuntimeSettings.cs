namespace Sealos.Node.Processes;

/// <summary>What the .NET runtime of the cloud's processes takes from its environment alone.</summary>
public static class RuntimeSettings
{
    /// <summary>How much is allocated between two collections of what is young.</summary>
    public const string YoungBytes = "DOTNET_GCgen0size";

    /// <summary>4 MiB.</summary>
    // By itself the runtime takes half of the processor's third-level cache, which an idle process fills with garbage.
    public const string YoungBytesValue = "0x400000";
}
