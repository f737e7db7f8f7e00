using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>Whatever state a cloud is in, <c>sealos reset</c> leaves nothing of it on the machine.</summary>
[Collection(RoughCollection.Name)]
public sealed class ResetTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reset_OfADamagedCloud_LeavesNothing()
    {
        await fixture.LaunchAsync("doomed", "--replicas", "2");
        await _cloud.KubectlAsync(["create", "secret", "generic", "s", "--from-literal=a=b", "-n", "default"], Ct).OutputAsync();
        await fixture.RunToolsAsync("mounts", "sleep 1000000", ("/secret", """{"secret":{"secretName":"s"}}"""), ("/memory", """{"emptyDir":{"medium":"Memory"}}"""), ("/disk", """{"emptyDir":{}}"""));
        foreach (var process in (string[])["server", "edge", "containerd"])
        {
            await LinuxProcess.KillAsync(await _cloud.PidAsync(process, Ct), Ct);
        }

        fixture.ForgetImages();
        Assert.Empty(await _cloud.ResetAsync(Ct));

        // It is as if there had never been one: a new cloud starts from nothing, for the stories after this one.
        Assert.Equal(3, (await _cloud.SealosAsync(["status"], Ct)).ExitCode);
        await _cloud.UpAsync(Ct).OutputAsync();
        Assert.DoesNotContain("doomed", await _cloud.SealosAsync(["app", "list"], Ct).OutputAsync(), StringComparison.Ordinal);
    }
}
