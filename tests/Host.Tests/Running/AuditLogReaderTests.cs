using Sealos.Host.Running;
using Sealos.OsServices.Operators;
using Xunit;

namespace Sealos.Host_Tests.Running;

public sealed class AuditLogReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-audit-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_folder, "audit.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Entries_AreFoundNewestFirst_AcrossFilesThatWerePutAside()
    {
        await WriteAsync("audit-2026-11-20T10-00-00.0000000.log", Line(1, "ada"), Line(2, "bob"));
        await WriteAsync("audit-2026-11-21T10-00-00.0000000.log", Line(3, "ada"));
        await WriteAsync("audit.log", Line(4, "ada", verb: "delete"), Line(5, "bob"), "{\"half", "");

        Assert.Equal([5, 4, 3, 2, 1], await FindAsync(new AuditQuery()));
        Assert.Equal([4, 3], await FindAsync(new AuditQuery { User = "ada", Limit = 2 }));
        Assert.Equal([4], await FindAsync(new AuditQuery { User = "system:serviceaccount:user-system:ada", Verb = "delete" }));
        Assert.Equal([3, 2], await FindAsync(new AuditQuery { Since = At(2), Until = At(3) }));
        Assert.Equal([5, 2], await FindAsync(new AuditQuery { Text = "BOB" }));
        Assert.Empty(await FindAsync(new AuditQuery { Namespace = "ns-other" }));
        Assert.Equal(5, (await FindAsync(new AuditQuery { Namespace = "ns-x", Resource = "deployments" })).Count);
    }

    [Fact]
    public async Task Lines_LongerThanWhatIsReadAtOnce_AreWhole()
    {
        await WriteAsync("audit.log", Line(1, "ada"), Line(2, "bob", new string('é', 400_000)), Line(3, "ada"));

        Assert.Equal([3, 2, 1], await FindAsync(new AuditQuery()));
    }

    [Fact]
    public async Task Log_ThatIsNotThere_HoldsNothing() =>
        Assert.Empty((await new AuditLogReader(Path.Combine(_folder, "none", "audit.log"), TimeProvider.System).SearchAsync(new AuditQuery(), Ct)).Items);

    private static DateTimeOffset At(int minute) => new(2026, 11, 22, 12, minute, 0, TimeSpan.Zero);

    private static string Line(int minute, string user, string text = "", string verb = "create") =>
        $$$"""{"kind":"Event","stage":"ResponseComplete","stageTimestamp":"{{{At(minute):O}}}","verb":"{{{verb}}}","user":{"username":"system:serviceaccount:user-system:{{{user}}}"},"userAgent":"{{{text}}}","objectRef":{"resource":"deployments","apiGroup":"apps","namespace":"ns-x","name":"web"},"responseStatus":{"code":200} }""";

    private Task WriteAsync(string name, params string[] lines) => File.WriteAllTextAsync(Path.Combine(_folder, name), string.Join('\n', lines) + "\n", Ct);

    private async Task<IReadOnlyList<int>> FindAsync(AuditQuery query) =>
        [.. (await new AuditLogReader(Log, TimeProvider.System).SearchAsync(query, Ct)).Items.Select(e => e.Time.Minute)];
}
