using Sealos.Node.Cri.Messages;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class TerminationMessagesTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("node-");

    [Theory]
    [InlineData("words", 1, "File", "words")]
    [InlineData("", 1, "File", "")]
    [InlineData("", 1, "FallbackToLogsOnError", "one\ntwo\n")]
    [InlineData("", 0, "FallbackToLogsOnError", "")]
    [InlineData("words", 1, "FallbackToLogsOnError", "words")]
    public async Task ReadAsync_FileOrLog_FollowsThePolicy(string words, int exitCode, string policy, string expected)
    {
        Assert.Equal(expected, await TerminationMessages.ReadAsync(Status(Own("c/0", words), exitCode, policy), _root.FullName, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ReadAsync_FileElsewhere_IsNotRead()
    {
        var secret = Path.Combine(_root.FullName, "secret");
        await File.WriteAllTextAsync(secret, "do not tell", TestContext.Current.CancellationToken);

        Assert.Equal("", await TerminationMessages.ReadAsync(Status(secret, 1, "File"), _root.FullName, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ReadAsync_LongMessage_IsCut()
    {
        Assert.Equal(4096, (await TerminationMessages.ReadAsync(Status(Own("c/0", new string('x', 9000)), 1, "File"), _root.FullName, TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public void Tail_PartialLines_AreJoined() =>
        Assert.Equal("abc\nd\n", TerminationMessages.Tail("cut off line\nt stdout P ab\nt stdout F c\nt stderr F d\n"));

    public void Dispose() => _root.Delete(recursive: true);

    private string Own(string name, string words)
    {
        var path = Path.Combine(_root.FullName, "uid", "containers", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, words);
        return path;
    }

    private ContainerStatus Status(string file, int exitCode, string policy)
    {
        var log = Path.Combine(_root.FullName, "0.log");
        File.WriteAllText(log, "2026-01-02T03:04:05Z stdout F one\n2026-01-02T03:04:05Z stderr F two\n");
        return new ContainerStatus
        {
            ExitCode = exitCode,
            LogPath = log,
            Labels = { [Keys.PodUid] = "uid", [Keys.ContainerName] = "c" },
            Annotations = { [Keys.TerminationMessagePolicy] = policy },
            Mounts = { new Mount { ContainerPath = "/dev/termination-log", HostPath = file } },
        };
    }
}
