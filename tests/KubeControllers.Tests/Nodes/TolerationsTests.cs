using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Xunit;

namespace Sealos.KubeControllers_Tests.Nodes;

public sealed class TolerationsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("k", "Equal", "v", "NoSchedule", true)]
    [InlineData("k", "", "v", "", true)]
    [InlineData("k", "Equal", "other", "NoSchedule", false)]
    [InlineData("k", "Exists", "", "NoSchedule", true)]
    [InlineData("k", "Exists", "", "NoExecute", false)]
    [InlineData("other", "Exists", "", "", false)]
    [InlineData("", "Exists", "", "", true)]
    public void Tolerates_KeyOperatorValueAndEffect_AllCount(string key, string comparison, string value, string effect, bool expected) =>
        Assert.Equal(expected, Tolerations.Tolerates(new Toleration { Key = key, Operator = comparison, Value = value, Effect = effect }, new Taint { Key = "k", Value = "v", Effect = "NoSchedule" }));

    [Fact]
    public void EvictionTime_NotTolerated_IsNow() => Assert.Equal(Now, Tolerations.EvictionTime(Pod(), [Taint()], Now));

    [Fact]
    public void EvictionTime_ToleratedForAWhile_CountsFromTheTaint() =>
        Assert.Equal(Now.AddSeconds(200), Tolerations.EvictionTime(Pod(300), [Taint()], Now));

    [Fact]
    public void EvictionTime_SeveralTolerationsOfOneTaint_FirstCounts()
    {
        Assert.Equal(Now.AddSeconds(200), Tolerations.EvictionTime(Pod(300, 10), [Taint()], Now));
        Assert.Null(Tolerations.EvictionTime(Pod(null, 10), [Taint()], Now));
    }

    [Fact]
    public void EvictionTime_SeveralTaints_ShortestCounts()
    {
        var other = new Taint { Key = "other", Effect = "NoExecute", TimeAdded = Now };
        var pod = Pod(300);
        pod.Spec!.Tolerations!.Add(new Toleration { Key = "other", Operator = "Exists", TolerationSeconds = 20 });

        Assert.Equal(Now.AddSeconds(20), Tolerations.EvictionTime(pod, [Taint(), other], Now));
    }

    [Fact]
    public void EvictionTime_ToleratedForEverOrNoExecution_IsNever()
    {
        Assert.Null(Tolerations.EvictionTime(Pod((long?)null), [Taint()], Now));
        Assert.Null(Tolerations.EvictionTime(Pod(), [new Taint { Key = "k", Effect = "NoSchedule" }], Now));
    }

    private static Taint Taint() => new() { Key = "k", Effect = "NoExecute", TimeAdded = Now.AddSeconds(-100) };

    private static Pod Pod(params long?[] seconds) => new()
    {
        Metadata = new ObjectMeta { CreationTimestamp = Now.AddHours(-1) },
        Spec = new PodSpec { Tolerations = [.. seconds.Select(s => new Toleration { Key = "k", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = s })] },
    };
}
