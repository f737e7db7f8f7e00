namespace Sealos.Node.Processes;

/// <summary>What the cloud's processes take from their environment alone: how the runtime and the C library deal with memory.</summary>
public static class RuntimeSettings
{
    /// <summary>Names and values, none of which needs quoting.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        // What is allocated between two collections of what is young: 4 MiB, and 8 MiB where much of it survives. By itself the runtime
        // begins with half of the processor's third-level cache, which an idle process fills with garbage, and goes up to 200 MiB
        // under load: pauses grow with it, and what it once took it keeps.
        ["DOTNET_GCgen0size"] = "0x400000",
        ["DOTNET_GCGen0MaxBudget"] = "0x800000",

        // The C library makes a heap for nearly every thread by itself, and what one thread frees another cannot use.
        ["MALLOC_ARENA_MAX"] = "2",
    };
}
