using System.Globalization;

namespace Sealos.Store.Tests;

/// <summary>Runs the tests; or, for the crash tests, writes until killed and prints each acknowledged revision.</summary>
internal static class Program
{
    public const string AcknowledgeCommand = "--acknowledge-writes";

    private static async Task<int> Main(string[] args)
    {
        if (args is [AcknowledgeCommand, var path, var maxHistory])
        {
            await WriteUntilKilledAsync(path, int.Parse(maxHistory, CultureInfo.InvariantCulture));
            return 0;
        }

        return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
    }

    private static async Task WriteUntilKilledAsync(string path, int maxHistory)
    {
        var options = new StoreOptions(path) { MaxHistoryRevisions = maxHistory, CompactionInterval = TimeSpan.FromMilliseconds(5) };
        var store = await KeyValueStore.OpenAsync(options, CancellationToken.None);
        var writers = Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; ; i++)
            {
                var value = CrashTests.ValueOf(writer, i);
                var revision = await store.PutAsync($"/w{writer}/{i % 50}", value, null, CancellationToken.None);
                var line = $"{revision} {writer} {i}\n";
                lock (path)
                {
                    Console.Out.Write(line);
                }
            }
        });
        await Task.WhenAll(writers);
    }
}
