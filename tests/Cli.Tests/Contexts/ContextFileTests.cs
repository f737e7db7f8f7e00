using Sealos.Cli;
using Sealos.Cli.Contexts;
using Xunit;

namespace Sealos.Cli_Tests.Contexts;

public sealed class ContextFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-cli-").FullName;

    private string FilePath => Path.Combine(_folder, "sealos", "config.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Contexts_ComeBackAsTheyWere_AndNobodyElseMayReadThem()
    {
        var file = new ContextFile(FilePath);
        Assert.Empty(file.Load().Contexts);

        file.Save(file.Load().With(Context("one")).With(Context("two")));

        Assert.Equal("two", file.Load().Current);
        Assert.Equal(Context("one"), file.Load().Find("one"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Equal([FilePath], Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public void Context_IsReplacedByItsName_AndTheCurrentOneGoesWithItself()
    {
        var all = new CloudContexts().With(Context("one")).With(Context("two")).With(Context("one") with { User = "ben" });

        Assert.Equal(["two", "one"], all.Contexts.Select(c => c.Name));
        Assert.Equal("ben", all.Find("one")!.User);
        Assert.Null(all.Without("one").Current);
        Assert.Equal("one", all.Without("two").Current);
    }

    [Fact]
    public void BrokenFile_IsToldAndLeftAlone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, "{ broken");

        var refusal = Assert.Throws<CliException>(() => new ContextFile(FilePath).Load());

        Assert.Contains(FilePath, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("{ broken", File.ReadAllText(FilePath));
    }

    private static CloudContext Context(string name) => new() { Name = name, Url = new Uri("https://cloud.test"), User = "anna", Token = "secret", Workspace = "ns-anna", ApiServer = new Uri("https://cloud.test:6443") };
}
