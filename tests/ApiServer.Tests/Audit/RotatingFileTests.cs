using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Tests.Authentication;
using Xunit;

namespace Sealos.ApiServer.Tests.Audit;

public sealed class RotatingFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-audit-").FullName;
    private readonly ManualTime _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Append_BeyondTheSize_PutsAsideAndKeepsSoMany()
    {
        using (var file = new RotatingFile(new AuditLogOptions(Path.Combine(_folder, "audit.log")) { MaxBytes = 10, KeptAside = 2 }, _time))
        {
            for (var i = 0; i < 6; i++)
            {
                file.Append(System.Text.Encoding.ASCII.GetBytes($"line-{i}\n"));
                _time.Now += TimeSpan.FromSeconds(1);
            }
        }

        Assert.Equal("line-5\n", File.ReadAllText(Path.Combine(_folder, "audit.log")));
        var aside = Directory.GetFiles(_folder, "audit-*.log").Order().Select(File.ReadAllText);
        Assert.Equal(["line-3\n", "line-4\n"], aside);
    }

    [Fact]
    public void Open_WithOldFilesAside_DeletesThem()
    {
        var old = Path.Combine(_folder, "audit-2020-01-01T00-00-00.0000000.log");
        File.WriteAllText(old, "old");
        File.SetLastWriteTimeUtc(old, _time.Now.UtcDateTime.AddDays(-31));

        using var file = new RotatingFile(new AuditLogOptions(Path.Combine(_folder, "audit.log")), _time);
        file.Append("x\n"u8);

        Assert.False(File.Exists(old));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "audit.log")));
    }
}
