using Sealos.Cli;
using Sealos.Cli.Commands.Component;
using Sealos.Host.Components;
using Sealos.Kinds.Meta;
using Xunit;

namespace Sealos.Cli_Tests.Commands;

public sealed class ComponentScopeTests
{
    [Fact]
    public void HasCome_FailedSinceItWasWanted_EndsWithTheReason()
    {
        const string Reason = "gVisor is not installed: apt-get install runsc";

        var refused = Assert.Throws<CliException>(() => ComponentScope.HasCome(Component(3, 3, "failed", Reason), Component(3, 2, "removed"), "running"));

        Assert.Equal((ExitCodes.Failed, $"gvisor failed: {Reason}"), (refused.ExitCode, refused.Message));
    }

    [Theory]
    [InlineData(3, "running", true)]
    [InlineData(3, "starting", false)]
    [InlineData(2, "running", false)]
    [InlineData(2, "failed", false)]
    public void HasCome_OnlyWhatIsSaidOfTheLastWishCounts(long seen, string state, bool expected) =>
        Assert.Equal(expected, ComponentScope.HasCome(Component(3, seen, state), Component(3, 2, "removed"), "running"));

    private static CloudComponent Component(long generation, long seen, string state, string? message = null) => new()
    {
        Metadata = new ObjectMeta { Name = "gvisor", Generation = generation },
        Spec = new CloudComponentSpec { Enabled = true },
        Status = new CloudComponentStatus { State = state, Message = message, ObservedGeneration = seen },
    };
}
