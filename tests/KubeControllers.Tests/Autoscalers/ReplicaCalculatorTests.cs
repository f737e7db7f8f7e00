using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Autoscalers;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.KubeControllers_Tests.Autoscalers;

/// <summary>
/// Pods are written as state and, after a colon, thousandths of use: r ready for long, w ready but measured too early, n never
/// ready, p pending, f failed, t terminating. Each requests 100 thousandths.
/// </summary>
public sealed class ReplicaCalculatorTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("r:50 r:50", 2, 50, 2, 50)]
    [InlineData("r:54 r:54", 2, 50, 2, 54)] // within a tenth
    [InlineData("r:56 r:56", 2, 50, 3, 56)]
    [InlineData("r:100 r:100", 2, 50, 4, 100)]
    [InlineData("r:10 r:10 r:10 r:10", 4, 50, 1, 10)]
    [InlineData("r:100 w:100 n:100", 3, 50, 3, 100)] // the unready count as idle, and then it is not much
    [InlineData("r:200 r:200 p", 3, 50, 8, 200)]
    [InlineData("r:20 p", 2, 50, 1, 20)] // on the way down the unready do not count
    [InlineData("r:100 r", 2, 50, 2, 100)] // who is not measured is taken as idle on the way up
    [InlineData("r:20 r", 2, 50, 2, 20)] // and as busy on the way down
    [InlineData("r:20 r:20 r:20 r:20 r", 5, 50, 4, 20)]
    [InlineData("r:100 f:900 t:900", 1, 50, 2, 100)]
    public void ByUtilization_FollowsTheShareOfTheRequest(string pods, int current, int target, int replicas, int utilization)
    {
        var proposal = ReplicaCalculator.ByUtilization(Measure(pods), current, target, null);

        Assert.Equal((replicas, utilization), (proposal.Replicas, proposal.Utilization));
    }

    [Theory]
    [InlineData("r:300 r:100", 2, 100, 4, 200)]
    [InlineData("r:10 r:10", 2, 100, 1, 10)]
    [InlineData("r:10 r", 2, 100, 2, 10)]
    [InlineData("r:109", 1, 100, 1, 109)]
    public void ByValue_FollowsTheAverage(string pods, int current, int target, int replicas, int average) =>
        Assert.Equal(new Proposal(replicas, average), ReplicaCalculator.ByValue(Measure(pods), current, target));

    [Theory]
    [InlineData("", "no pods returned by selector while calculating replica count")]
    [InlineData("r r", "did not receive metrics for targeted pods (pods might be unready)")]
    [InlineData("w:10", "did not receive metrics for targeted pods (pods might be unready)")]
    public void Calculate_OfNothing_SaysSo(string pods, string message) =>
        Assert.Equal(message, Assert.Throws<MetricException>(() => ReplicaCalculator.ByUtilization(Measure(pods), 1, 50, null)).Message);

    [Fact]
    public void ByUtilization_WithoutARequest_SaysWhere()
    {
        var measured = Measure("r:50");
        measured.Pods.First().Spec!.Containers!.Add(new Container { Name = "side" });

        Assert.Equal("missing request for cpu in container side of Pod p0", Assert.Throws<MetricException>(() => ReplicaCalculator.ByUtilization(measured, 1, 50, null)).Message);
        Assert.Equal(50, ReplicaCalculator.ByUtilization(measured, 1, 50, "main").Utilization);
    }

    [Fact]
    public void ByValue_OfMemory_CountsAtOnce()
    {
        var measured = Measure("w:300") with { Resource = "memory" };
        Assert.Equal(3, ReplicaCalculator.ByValue(measured, 1, 100).Replicas);
    }

    private static Measured Measure(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var pods = words.Select((w, i) => NewPod($"p{i}", w[0])).ToList();
        var usage = words.Select((w, i) => (Name: $"p{i}", Parts: w.Split(':'))).Where(w => w.Parts.Length > 1)
            .ToDictionary(w => w.Name, w => new PodUsage(Now, TimeSpan.FromSeconds(10), long.Parse(w.Parts[1], System.Globalization.CultureInfo.InvariantCulture)));
        return new Measured(pods, usage, "cpu", Now);
    }

    private static Pod NewPod(string name, char state) => new()
    {
        Metadata = new ObjectMeta { Name = name, DeletionTimestamp = state == 't' ? Now : null },
        Spec = new PodSpec { Containers = [new Container { Name = "main", Resources = new ResourceRequirements { Requests = new() { ["cpu"] = Quantity.Parse("100m") } } }] },
        Status = new PodStatus
        {
            Phase = state switch { 'p' => "Pending", 'f' => "Failed", _ => "Running" },
            StartTime = Now - (state == 'r' ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(1)),
            Conditions = [new PodCondition { Type = "Ready", Status = state == 'n' ? "False" : "True", LastTransitionTime = state == 'r' ? Now.AddMinutes(-59) : Now.AddSeconds(-5) }],
        },
    };
}
