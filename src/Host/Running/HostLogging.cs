using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sealos.Host.Running;

/// <summary>How the cloud's own processes log: one line an entry, UTC, to standard output, which a daemon appends to its file.</summary>
internal static class HostLogging
{
    public static ILoggerFactory Create() => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Information);
        builder.AddFilter("Microsoft", LogLevel.Warning);
        builder.AddFilter("System", LogLevel.Warning);
        builder.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    });
}
