using System.Text;
using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class AtomicWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("atomic").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_Files_AreReachedThroughLinks()
    {
        Assert.True(Write(("key", "value"), ("deep/er/file", "x")));

        Assert.Equal("value", File.ReadAllText(Path.Combine(_folder, "key")));
        Assert.Equal("x", File.ReadAllText(Path.Combine(_folder, "deep/er/file")));
        Assert.Equal("..data/key", new FileInfo(Path.Combine(_folder, "key")).LinkTarget);
        Assert.Equal("..data/deep", new FileInfo(Path.Combine(_folder, "deep")).LinkTarget);
    }

    [Fact]
    public void Write_SameFilesAgain_ChangesNothing()
    {
        Write(("key", "value"));
        var before = Data();

        Assert.False(Write(("key", "value")));
        Assert.Equal(before, Data());
    }

    [Fact]
    public void Write_OtherFiles_ReplacesAllAtOnceAndRemovesTheOld()
    {
        Write(("stays", "1"), ("goes", "2"));
        var before = Data();

        Assert.True(Write(("stays", "3"), ("new", "4")));

        Assert.NotEqual(before, Data());
        Assert.Equal("3", File.ReadAllText(Path.Combine(_folder, "stays")));
        Assert.Equal(["..data", "new", "stays"], Directory.GetFileSystemEntries(_folder).Select(e => Path.GetFileName(e)!).Where(n => n != Data()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_OnlyModeDiffers_IsAChange()
    {
        Write(("key", "value"));

        Assert.True(AtomicWriter.Write(_folder, new Dictionary<string, PayloadFile> { ["key"] = new("value"u8.ToArray(), UnixFileMode.UserRead) }, null, TimeProvider.System));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(_folder, "key")));
    }

    [Fact]
    public void Write_AfterACrashBeforeTheSwap_ClearsUp()
    {
        Write(("key", "1"));
        Directory.CreateDirectory(Path.Combine(_folder, "..2020_01_01_00_00_00.0000000"));
        File.CreateSymbolicLink(Path.Combine(_folder, "..data_tmp"), "..2020_01_01_00_00_00.0000000");

        Write(("key", "2"));

        Assert.Equal(["..data", "key"], Directory.GetFileSystemEntries(_folder).Select(e => Path.GetFileName(e)!).Where(n => n != Data()).Order(StringComparer.Ordinal));
        Assert.Equal("2", File.ReadAllText(Path.Combine(_folder, "key")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../up")]
    [InlineData("a/../../up")]
    [InlineData("..data")]
    [InlineData("..hidden/x")]
    [InlineData("a//b")]
    public void Write_PathThatLeadsOut_IsRefused(string path)
    {
        Assert.Throws<IOException>(() => Write((path, "x")));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Write_Group_OwnsFilesAndMayReadThem()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "changing owners needs root");

        AtomicWriter.Write(_folder, new Dictionary<string, PayloadFile> { ["a/key"] = new("v"u8.ToArray(), UnixFileMode.UserRead | UnixFileMode.UserWrite) { User = 1234 } }, 4321, TimeProvider.System);

        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(Path.Combine(_folder, "a/key")));
        Assert.True(File.GetUnixFileMode(Path.Combine(_folder, "a")).HasFlag(UnixFileMode.SetGroup | UnixFileMode.GroupExecute | UnixFileMode.GroupRead));
        Assert.False(AtomicWriter.Write(_folder, new Dictionary<string, PayloadFile> { ["a/key"] = new("v"u8.ToArray(), UnixFileMode.UserRead | UnixFileMode.UserWrite) { User = 1234 } }, 4321, TimeProvider.System));
    }

    private string? Data() => new FileInfo(Path.Combine(_folder, "..data")).LinkTarget;

    private bool Write(params (string Path, string Text)[] files) =>
        AtomicWriter.Write(_folder, files.ToDictionary(f => f.Path, f => new PayloadFile(Encoding.UTF8.GetBytes(f.Text), (UnixFileMode)Payloads.DefaultMode)), null, TimeProvider.System);
}
