using Microsoft.Extensions.Logging;

namespace Sealos.KubeControllers;

/// <summary>What the room logs outside the work queue.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "watch of {Resource} metadata interrupted, trying again in {Seconds}s: {Reason}")]
    public static partial void MonitorInterrupted(ILogger logger, string resource, double seconds, string reason);

    [LoggerMessage(2, LogLevel.Warning, "discovery failed, keeping to what was served before: {Reason}")]
    public static partial void DiscoveryFailed(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "binding pod {Namespace}/{Name} to node {Node} failed")]
    public static partial void BindingFailed(ILogger logger, string @namespace, string name, string node, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "why pod {Namespace}/{Name} waits could not be written: {Reason}")]
    public static partial void ReportFailed(ILogger logger, string @namespace, string name, string reason);

    [LoggerMessage(5, LogLevel.Information, "controllers run, {Seconds}s after they were started")]
    public static partial void Started(ILogger logger, double seconds);
}
