using System.Runtime.InteropServices;

namespace Sealos.Node.Processes;

/// <summary>The signals we send.</summary>
internal static partial class Signals
{
    internal const int Terminate = 15;
    internal const int Kill = 9;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Send(int pid, int signal);
}
