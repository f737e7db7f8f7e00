using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Exec;
using Xunit;

namespace Sealos.Node.Tests.Exec;

public sealed class ContainerFinderTests
{
    private static readonly ContainerState Running = new() { Running = new ContainerStateRunning() };

    [Fact]
    public void ForLogs_Running_IsThatContainer()
    {
        Assert.Equal("now", Finder(new ContainerStatus { ContainerID = "containerd://now", State = Running }).ForLogs("ns", "p", "c", previous: false));
    }

    [Fact]
    public void ForLogs_WaitingToRestart_IsTheOneThatRanLast()
    {
        var status = new ContainerStatus { State = Waiting("CrashLoopBackOff"), LastState = Ended("before") };

        Assert.Equal("before", Finder(status).ForLogs("ns", "p", "c", previous: false));
        Assert.Equal("before", Finder(status).ForLogs("ns", "p", "c", previous: true));
    }

    [Theory]
    [InlineData("ContainerCreating", "container \"c\" in pod \"p\" is waiting to start: ContainerCreating")]
    [InlineData("ErrImagePull", "container \"c\" in pod \"p\" is waiting to start: image can't be pulled")]
    [InlineData("ImagePullBackOff", "container \"c\" in pod \"p\" is waiting to start: trying and failing to pull image")]
    [InlineData("", "container \"c\" in pod \"p\" is waiting to start - no logs yet")]
    public void ForLogs_NeverRan_SaysWhatItWaitsFor(string reason, string message)
    {
        AssertRefused(400, message, () => Finder(new ContainerStatus { State = Waiting(reason) }).ForLogs("ns", "p", "c", previous: false));
    }

    [Fact]
    public void ForLogs_NoPrevious_SaysSo()
    {
        var finder = Finder(new ContainerStatus { ContainerID = "containerd://now", State = Running });

        AssertRefused(400, "previous terminated container \"c\" in pod \"p\" not found", () => finder.ForLogs("ns", "p", "c", previous: true));
    }

    [Fact]
    public void Find_ContainerThatIsNotThePods_IsNotFound()
    {
        const string Gone = "the log of container foreign is gone with the container";
        var ended = Finder(new ContainerStatus { State = Ended(OnePod.Foreign), LastState = Ended(OnePod.Foreign) });
        var running = Finder(new ContainerStatus { ContainerID = "containerd://" + OnePod.Foreign, State = Running });

        AssertRefused(404, Gone, () => ended.ForLogs("ns", "p", "c", previous: true));
        AssertRefused(404, Gone, () => ended.ForLogs("ns", "p", "c", previous: false));
        AssertRefused(404, Gone, () => running.ForLogs("ns", "p", "c", previous: false));
        AssertRefused(404, "container not found (\"c\")", () => running.Running("ns", "p", "c"));
    }

    [Fact]
    public void Find_UnknownPodOrContainer_IsNotFound()
    {
        var finder = Finder(new ContainerStatus { State = Ended("x") });

        AssertRefused(404, "pod ns/other does not exist on this node", () => finder.Pod("ns", "other"));
        AssertRefused(404, "container not found (\"c\")", () => finder.Running("ns", "p", "c"));
        AssertRefused(404, "container not found (\"d\")", () => finder.Running("ns", "p", "d"));
        AssertRefused(404, "pod ns/p is not running", () => finder.Sandbox("ns", "p"));
    }

    [Fact]
    public void IsRunning_AnotherStartOfTheContainer_IsNot()
    {
        var finder = Finder(new ContainerStatus { ContainerID = "containerd://now", State = Running });

        Assert.True(finder.IsRunning("ns", "p", "c", "now"));
        Assert.False(finder.IsRunning("ns", "p", "c", "before"));
    }

    [Theory]
    [InlineData("stdin=true&stdout=1&tty=true&stderr=1", true, true, false, true)]
    [InlineData("input=1&output=1&error=1", true, true, true, false)]
    [InlineData("stdout=true&stderr=false", false, true, false, false)]
    public void StreamQuery_BothSpellings_AreRead(string query, bool stdin, bool stdout, bool stderr, bool tty)
    {
        Assert.Equal(new StreamQuery(stdin, stdout, stderr, tty), StreamQuery.Parse(Query(query)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tty=true&stderr=true")]
    public void StreamQuery_NoStream_IsRefused(string query)
    {
        Assert.Equal(400, Assert.Throws<RefusedException>(() => StreamQuery.Parse(Query(query))).Status);
    }

    [Fact]
    public void LogsQuery_All_IsRead()
    {
        var options = LogsEndpoint.Parse(Query("follow=true&timestamps=1&tailLines=5&limitBytes=10&sinceTime=2026-01-02T03:04:05Z"), TimeProvider.System);

        Assert.True(options.Follow);
        Assert.True(options.Timestamps);
        Assert.Equal((5, 10, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), (options.TailLines, options.LimitBytes, options.Since));
    }

    [Theory]
    [InlineData("tailLines=-1", "tailLines")]
    [InlineData("tailLines=x", "tailLines")]
    [InlineData("limitBytes=0", "limitBytes")]
    [InlineData("sinceSeconds=0", "sinceSeconds")]
    [InlineData("sinceTime=yesterday", "sinceTime")]
    public void LogsQuery_BadValue_IsNamed(string query, string name)
    {
        Assert.StartsWith(name, Assert.Throws<RefusedException>(() => LogsEndpoint.Parse(Query(query), TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    internal static QueryCollection Query(string text) =>
        new(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(text).ToDictionary(p => p.Key, p => (StringValues)p.Value));

    private static ContainerState Waiting(string reason) => new() { Waiting = new ContainerStateWaiting { Reason = reason } };

    private static ContainerState Ended(string id) => new() { Terminated = new ContainerStateTerminated { ContainerID = $"containerd://{id}" } };

    private static void AssertRefused(int status, string message, Func<object> action)
    {
        var refused = Assert.Throws<RefusedException>(action);
        Assert.Equal((status, message), (refused.Status, refused.Message));
    }

    private static ContainerFinder Finder(ContainerStatus status)
    {
        status.Name = "c";
        return new ContainerFinder(new OnePod(new Pod { Metadata = new ObjectMeta { Namespace = "ns", Name = "p", Uid = "u" }, Status = new PodStatus { ContainerStatuses = [status] } }));
    }
}
