using Sealos.Host.Configuration;
using Xunit;

namespace Sealos.Host_Tests.Configuration;

public sealed class FolderAccessTests : IDisposable
{
    private const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-access").FullName;

    public FolderAccessTests() => Open(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void FindClosed_AllMayPass_FindsNone()
    {
        var data = Make("open", "data");

        Assert.Null(FolderAccess.FindClosed(data));
        Assert.Null(FolderAccess.FindClosed(Path.Combine(data, "not", "there", "yet")));
    }

    [Fact]
    public void FindClosed_OnTheWay_IsTheFirstThatIsClosed()
    {
        var closed = Make("closed");
        var data = Make("closed", "data");
        File.SetUnixFileMode(closed, Closed);

        Assert.Equal(closed, FolderAccess.FindClosed(data));
        Assert.Equal(closed, FolderAccess.FindClosed(Path.Combine(closed, "not there yet")));

        Open(closed);
        File.SetUnixFileMode(data, Closed);
        Assert.Equal(data, FolderAccess.FindClosed(data));
    }

    [Fact]
    public void FindClosed_BehindALink_IsFound()
    {
        var closed = Make("closed");
        var data = Make("closed", "data");
        File.SetUnixFileMode(closed, Closed);
        var link = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(link, data);

        Assert.Equal(closed, FolderAccess.FindClosed(link));
    }

    private static void Open(string folder) => File.SetUnixFileMode(folder, Closed | UnixFileMode.OtherExecute);

    private string Make(params string[] names)
    {
        var folder = Directory.CreateDirectory(Path.Combine([_folder, .. names])).FullName;
        Open(folder);
        return folder;
    }
}
