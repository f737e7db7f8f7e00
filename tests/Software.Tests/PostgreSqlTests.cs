using Sealos.Testing.Software;
using Xunit;

namespace Sealos.Software_Tests;

/// <summary>PostgreSQL as a stateful set with a volume, a secret, a configuration and probes.</summary>
public sealed class PostgreSqlTests(SoftwareFixture fixture) : SoftwareStory(fixture, "postgresql", SoftwareImages.PostgreSql)
{
    [Fact]
    public async Task PostgreSql_KilledRestartedAndMadeAgain_KeepsWhatItCommitted()
    {
        await ApplyAsync("postgresql.yaml");
        await RolledOutAsync("statefulset/postgresql");
        Assert.Equal("50", await QueryAsync("SHOW max_connections"));
        await QueryAsync("CREATE TABLE facts (step int)");
        await InsertAsync(1);

        await KillMainProcessAsync("postgresql-0", "postgresql");
        await InsertAsync(2);
        await KubectlAsync("delete", "pod/postgresql-0");
        await RolledOutAsync("statefulset/postgresql");
        await InsertAsync(3);
        await RestartWhileTheServerDiesAsync("statefulset/postgresql");
        await InsertAsync(4);

        var claim = await GetAsync("pvc/data-postgresql-0", ".metadata.uid");
        await KubectlAsync("delete", "statefulset/postgresql");
        await WaitAsync("pod/postgresql-0", "delete");
        Assert.Equal("Bound", await GetAsync("pvc/data-postgresql-0", ".status.phase"));
        await ApplyAsync("postgresql.yaml");
        await RolledOutAsync("statefulset/postgresql");
        Assert.Equal("1:1000 2:1000 3:1000 4:1000", await QueryAsync("SELECT string_agg(step || ':' || n, ' ' ORDER BY step) FROM (SELECT step, count(*) AS n FROM facts GROUP BY step) s"));
        Assert.Equal(claim, await GetAsync("pvc/data-postgresql-0", ".metadata.uid"));
    }

    private Task<string> InsertAsync(int step) => QueryAsync($"INSERT INTO facts SELECT {step} FROM generate_series(1, 1000)");

    // Through the service's name and with the secret's password, as an app would.
    private async Task<string> QueryAsync(string sql) =>
        (await ShAsync("postgresql-0", "PGPASSWORD=$POSTGRES_PASSWORD psql -h postgresql -U postgres -qtAc \"$0\"", sql)).Trim();
}
