using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Pods.Config;
using Sealos.Node.StaticPods;
using Sealos.Node.Tests.Pods;
using Xunit;

namespace Sealos.Node.Tests.StaticPods;

public sealed class MirroredPodApiTests : IDisposable
{
    private readonly FakeMirrors _mirrors = new();
    private readonly MirroredPodApi _api;

    public MirroredPodApiTests() => _api = new MirroredPodApi(new FakePodApi(), _mirrors, TimeProvider.System);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Update_OfAPodThatAnotherReplaced_LeavesTheOthersMirrorAlone()
    {
        var (old, now) = (Named("old", "Running"), Named("now", "Pending"));
        _api.Own(old);
        await _api.UpdateStatusAsync(old, Ct);
        _api.Own(now);
        await _api.UpdateStatusAsync(now, Ct);

        // The old one is still being stopped, and tells how that goes.
        var refused = await Assert.ThrowsAsync<ApiException>(() => _api.UpdateStatusAsync(old, Ct));
        Assert.True(refused.IsNotFound);
        await _api.DeleteAsync(old, Ct);

        var mirror = _mirrors.Find("web")!;
        Assert.Equal(("now", "Pending"), (mirror.Metadata.Annotations![Keys.ConfigMirror], mirror.Status!.Phase));
    }

    [Fact]
    public async Task Update_SomebodyWritesToTheMirrorMeanwhile_IsWrittenAllTheSame()
    {
        var pod = Named("pod", "Pending");
        await _api.UpdateStatusAsync(pod, Ct);
        _mirrors.BeforeWrite = () =>
        {
            _mirrors.BeforeWrite = null;
            _mirrors.Put(_mirrors.Find("web")!);
        };

        await _api.UpdateStatusAsync(Named("pod", "Running"), Ct);

        Assert.Equal("Running", _mirrors.Find("web")!.Status!.Phase);
    }

    [Fact]
    public async Task Show_AnotherWriteComesFirst_WritesWhatIsNewestThen()
    {
        using var isInside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var newest = Named("pod", "Pending");
        await _api.UpdateStatusAsync(newest, Ct);
        _mirrors.BeforeWrite = () =>
        {
            _mirrors.BeforeWrite = null;
            isInside.Set();
            goOn.Wait(Ct);
        };
        var worker = Task.Run(() => _api.UpdateStatusAsync(Named("pod", "Running"), Ct), Ct);
        isInside.Wait(Ct);

        var shown = _api.ShowAsync(() => newest, Ct);
        newest = Named("pod", "Running");
        goOn.Set();
        await worker;
        await shown;

        Assert.Equal("Running", _mirrors.Find("web")!.Status!.Phase);
    }

    [Fact]
    public async Task Update_MirrorIsWrittenToAllTheTime_IsLeftForLater()
    {
        _mirrors.BeforeWrite = () => _mirrors.Put(_mirrors.Find("web")!);

        var refused = await Assert.ThrowsAsync<ApiException>(() => _api.UpdateStatusAsync(Named("pod", "Running"), Ct));

        // A worker takes a conflict for one with its own pod.
        Assert.Equal(503, refused.Code);
    }

    [Fact]
    public async Task Update_AnotherPodsMirrorTakesLong_DoesNotWaitForIt()
    {
        using var goOn = new ManualResetEventSlim();
        using var isInside = new ManualResetEventSlim();
        _mirrors.BeforeWrite = () =>
        {
            _mirrors.BeforeWrite = null;
            isInside.Set();
            goOn.Wait(Ct);
        };
        var slow = Task.Run(() => _api.UpdateStatusAsync(Named("pod", "Running"), Ct), Ct);
        isInside.Wait(Ct);

        await _api.UpdateStatusAsync(Named("other", "Running", "other"), Ct).WaitAsync(TimeSpan.FromSeconds(60), Ct);

        Assert.False(slow.IsCompleted);
        goOn.Set();
        await slow;
    }

    private static Pod Named(string uid, string phase, string name = "web") => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Uid = uid, Annotations = new() { [Keys.ConfigSource] = "file" } },
        Spec = new PodSpec(),
        Status = new PodStatus { Phase = phase },
    };
}
