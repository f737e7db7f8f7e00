using System.Net.Sockets;
using Sealos.Kinds.Core;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class HostPathsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hostpath").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void SetUp_OrCreate_MakesWhatIsMissingWithKubernetesModes()
    {
        SetUp("new", "DirectoryOrCreate");
        SetUp("new/file", "FileOrCreate");

        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(Path.Combine(_folder, "new")));
        Assert.Equal((UnixFileMode)0b110_100_100, File.GetUnixFileMode(Path.Combine(_folder, "new/file")));
    }

    [Theory]
    [InlineData("missing", "Directory")]
    [InlineData("file", "Directory")]
    [InlineData("file", "DirectoryOrCreate")]
    [InlineData("file", "Socket")]
    [InlineData("file", "CharDevice")]
    [InlineData("file", "BlockDevice")]
    [InlineData("", "File")]
    [InlineData("file/below", "File")]
    [InlineData("", "FileOrCreate")]
    [InlineData("file", "Pipe")]
    [InlineData("../file", "")]
    public void SetUp_NotWhatItShouldBe_IsRefused(string path, string type)
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");

        Assert.Throws<InvalidDataException>(() => SetUp(path, type));
    }

    [Fact]
    public void SetUp_EachType_IsRecognised()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "socket")));

        SetUp("", "Directory");
        SetUp("file", "File");
        SetUp("socket", "Socket");
        HostPaths.SetUp(new HostPathVolumeSource { Path = "/dev/null", Type = "CharDevice" });
        Assert.Equal("/missing/path", HostPaths.SetUp(new HostPathVolumeSource { Path = "/missing/path" }));
    }

    private void SetUp(string path, string type) => HostPaths.SetUp(new HostPathVolumeSource { Path = $"{_folder}/{path}", Type = type });
}
