using Sealos.ApiServer.Tests.Support;

namespace Sealos.ApiServer.Tests;

/// <summary>Runs the tests; or, for tests that kill a server, is that server.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is [ServerProcess.Command, var folder])
        {
            await ServerProcess.ServeAsync(folder);
            return 0;
        }

        return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
    }
}
