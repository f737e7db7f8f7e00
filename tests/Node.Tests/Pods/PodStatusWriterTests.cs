using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class PodStatusWriterTests
{
    private readonly FakePodApi _api = new();
    private readonly Pod _pod = TestPods.Simple("Always", "a");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_SameStatusAgain_WritesOnce()
    {
        _api.Apply(_pod);
        var writer = new PodStatusWriter(_api, TimeProvider.System, NullLogger.Instance);

        await PostAsync(writer, _api.Find("web")!, "a:run");
        await PostAsync(writer, _api.Find("web")!, "a:run");

        Assert.Single(_api.Written);
    }

    [Fact]
    public async Task Post_SomebodyWroteMeanwhile_KeepsWhatTheyWrote()
    {
        _api.Apply(_pod);
        var seen = _api.Find("web")!;
        _api.BeforeWrite = () =>
        {
            _api.BeforeWrite = null;
            var theirs = KubeJson.Clone(_api.Find("web")!);
            theirs.Status = new PodStatus { Conditions = [new PodCondition { Type = "theirs", Status = "True" }] };
            _api.Apply(theirs);
        };
        var writer = new PodStatusWriter(_api, TimeProvider.System, NullLogger.Instance);

        await PostAsync(writer, seen, "a:run");

        Assert.Equal("Running", _api.Find("web")!.Status!.Phase);
        Assert.Contains(_api.Find("web")!.Status!.Conditions!, c => c.Type == "theirs");
    }

    [Fact]
    public async Task Post_SomebodyOverwroteOurs_WritesItAgain()
    {
        _api.Apply(_pod);
        var writer = new PodStatusWriter(_api, TimeProvider.System, NullLogger.Instance);
        await PostAsync(writer, _api.Find("web")!, "a:run");
        var lost = KubeJson.Clone(_api.Find("web")!);
        lost.Status!.Conditions!.Find(c => c.Type == "Ready")!.Status = "False";
        _api.Apply(lost);

        await PostAsync(writer, _api.Find("web")!, "a:run");

        Assert.Equal("True", _api.Find("web")!.Status!.Conditions!.Find(c => c.Type == "Ready")!.Status);
    }

    [Fact]
    public async Task Post_PodIsGone_IsDone()
    {
        var writer = new PodStatusWriter(_api, TimeProvider.System, NullLogger.Instance);

        await PostAsync(writer, _pod, "a:run");

        Assert.Empty(_api.Written);
    }

    [Fact]
    public async Task Newest_OwnWriteIsAheadOfTheWatch_IsIt()
    {
        _api.Apply(_pod);
        var seen = _api.Find("web")!;
        var writer = new PodStatusWriter(_api, TimeProvider.System, NullLogger.Instance);

        await PostAsync(writer, seen, "a:run");

        Assert.Equal("Running", writer.Newest(seen).Status!.Phase);
        Assert.Equal("other", writer.Newest(new Pod { Metadata = new() { Uid = "other" } }).Uid);
    }

    private async Task PostAsync(PodStatusWriter writer, Pod pod, string runtime)
    {
        writer.Post(PodStatusBuilderTests.View(pod, TestPods.Runtime(_pod, runtime)), Ct);
        await writer.FlushAsync(Ct);
    }
}
