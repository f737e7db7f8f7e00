using Sealos.Network.Nft;
using Xunit;

namespace Sealos.Network_Tests.Nft;

public sealed class HostCommandsTests
{
    [Fact]
    public async Task Tool_GetsItsInput_AndGivesItsOutput()
    {
        Assert.Equal("one two", await new HostCommands().RunAsync("cat", [], "one two", TestContext.Current.CancellationToken));
        Assert.Equal("$HOME; *\n", await new HostCommands().RunAsync("echo", ["$HOME; *"], null, TestContext.Current.CancellationToken));
        Assert.Equal("behind echo x\n", await new HostCommands("echo", "behind").RunAsync("echo", ["x"], null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Tool_ThatFails_SaysWhy()
    {
        var error = await Assert.ThrowsAsync<HostCommandException>(() => new HostCommands().RunAsync("ls", ["/nonexistent"], null, TestContext.Current.CancellationToken));
        Assert.Equal("ls", error.Tool);
        Assert.Contains("No such file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_ThatIsMissing_IsNamed()
    {
        var error = await Assert.ThrowsAsync<HostCommandException>(() => new HostCommands().RunAsync("no-such-tool", [], null, TestContext.Current.CancellationToken));
        Assert.Contains("no-such-tool", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_ThatDoesNotEnd_IsEnded_WhenNobodyWaitsAnyMore()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new HostCommands().RunAsync("sleep", ["30"], null, limit.Token));
    }

    [Fact]
    public async Task Tool_ThatDoesNotReadItsInput_StillAnswers()
    {
        var input = new string('x', 1 << 20);
        Assert.Equal(0, (await new HostCommands().TryRunAsync("true", [], input, TestContext.Current.CancellationToken)).ExitCode);
    }
}
