using Microsoft.Extensions.Logging;

namespace Sealos.KubeControllers_Tests.Harness;

/// <summary>Writes warnings to the file that <c>SEALOS_TEST_LOG</c> names, when it names one.</summary>
internal sealed class TestLoggers : ILoggerFactory
{
    private static readonly string? File = Environment.GetEnvironmentVariable("SEALOS_TEST_LOG");
    private static readonly Lock Lock = new();

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("tests have one provider");

    public void Dispose()
    {
    }

    private sealed class Logger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => File is not null && (category.StartsWith("Sealos", StringComparison.Ordinal) ? logLevel >= LogLevel.Information : logLevel >= LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lock (Lock)
                {
                    System.IO.File.AppendAllText(File!, $"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {category}: {formatter(state, exception)} {exception}\n");
                }
            }
        }
    }
}
