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
        await WriteAsync("audit-2026-11-22T12-02-30.0000000.log", Line(1, "ada"), Line(2, "bob"));
        await WriteAsync("audit-2026-11-22T12-03-30.0000000.log", Line(3, "ada"));
        await WriteAsync("audit.log", Line(4, "ada", verb: "delete"), Line(5, "bob"), "{\"half", "");

        Assert.Equal([5, 4, 3, 2, 1], await FindAsync(new AuditQuery()));
        Assert.Equal([4, 3], await FindAsync(new AuditQuery { User = "ada", Limit = 2 }));
        Assert.Equal([4], await FindAsync(new AuditQuery { User = "system:serviceaccount:user-system:ada", Verb = "delete" }));
        Assert.Equal([3, 2], await FindAsync(new AuditQuery { Since = At(2), Until = At(3) }));
        Assert.Equal([5, 2], await FindAsync(new AuditQuery { Text = "BOB" }));
        Assert.Empty(await FindAsync(new AuditQuery { Namespace = "ns-other" }));
        Assert.Equal(5, (await FindAsync(new AuditQuery { Namespace = "ns-x", Resource = "deployments" })).Count);
        Assert.Equal(5, (await FindAsync(new AuditQuery { Resource = "deployments.apps" })).Count);
        Assert.Empty(await FindAsync(new AuditQuery { Resource = "deployments.other" }));
    }

    [Fact]
    public async Task Lines_LongerThanWhatIsReadAtOnce_AreWhole()
    {
        await WriteAsync("audit.log", Line(1, "ada"), Line(2, "bob", new string('é', 400_000)), Line(3, "ada"));

        Assert.Equal([3, 2, 1], await FindAsync(new AuditQuery()));
    }

    [Fact]
    public async Task Search_WithABeginning_StopsThere_AndNotWhereSomebodyWroteATime()
    {
        // What is put aside before the beginning is not looked at: this one would be found if it were.
        await WriteAsync("audit-2026-11-22T12-00-30.0000000.log", Line(9, "ada"));
        await WriteAsync("audit.log", Line(9, "ada"), Line(1, "bob"), Line(4, "bob"), Line(5, "ada"), Forged(6, "ada"));

        Assert.Equal([6, 5], await FindAsync(new AuditQuery { User = "ada", Since = At(3) }));
        Assert.Equal(At(6), AuditLogReader.TimeOf(System.Text.Encoding.UTF8.GetBytes(Forged(6, "ada"))));
        Assert.Null(AuditLogReader.TimeOf("{\"half"u8));
    }

    [Fact]
    public void DeedInASessionThatAnOperatorOpened_IsTheOperators()
    {
        var line = """{"stage":"ResponseComplete","stageTimestamp":"2026-11-22T12:00:00Z","verb":"delete","user":{"username":"system:serviceaccount:user-system:ada","extra":{"authentication.kubernetes.io/secret-name":["session-as-admin-0123456789abcdef"]}},"objectRef":{"resource":"pods"}}""";
        var entry = AuditLogReader.Read(System.Text.Encoding.UTF8.GetBytes(line))!;
        var own = AuditLogReader.Read(System.Text.Encoding.UTF8.GetBytes(line.Replace("session-as-admin-", "session-", StringComparison.Ordinal)))!;

        Assert.Equal(("admin", "system:serviceaccount:user-system:ada"), (entry.User, entry.ActingAs));
        Assert.Equal(("system:serviceaccount:user-system:ada", null), (own.User, own.ActingAs));
    }

    [Fact]
    public async Task Log_ThatIsNotThere_HoldsNothing() =>
        Assert.Empty((await new AuditLogReader(Path.Combine(_folder, "none", "audit.log"), TimeProvider.System).SearchAsync(new AuditQuery(), Ct)).Items);

    private static DateTimeOffset At(int minute) => new(2026, 11, 22, 12, minute, 0, TimeSpan.Zero);

    private static string Line(int minute, string user, string text = "", string verb = "create") =>
        $$$"""{"kind":"Event","stage":"ResponseComplete","stageTimestamp":"{{{At(minute):O}}}","verb":"{{{verb}}}","user":{"username":"system:serviceaccount:user-system:{{{user}}}"},"userAgent":"{{{text}}}","objectRef":{"resource":"deployments","apiGroup":"apps","namespace":"ns-x","name":"web"},"responseStatus":{"code":200} }""";

    // An object may hold anything, as where requests are written down whole.
    private static string Forged(int minute, string user) => Line(minute, user).Replace("\"verb\"", "\"requestObject\":{\"stageTimestamp\":\"1970-01-01T00:00:00Z\"},\"verb\"", StringComparison.Ordinal)
        .Replace("{\"kind\":\"Event\"", "{\"responseObject\":{\"stageTimestamp\":\"1970-01-01T00:00:00Z\"},\"kind\":\"Event\"", StringComparison.Ordinal);

    private Task WriteAsync(string name, params string[] lines) => File.WriteAllTextAsync(Path.Combine(_folder, name), string.Join('\n', lines) + "\n", Ct);

    private async Task<IReadOnlyList<int>> FindAsync(AuditQuery query) =>
        [.. (await new AuditLogReader(Log, TimeProvider.System).SearchAsync(query, Ct)).Items.Select(e => e.Time.Minute)];
}
