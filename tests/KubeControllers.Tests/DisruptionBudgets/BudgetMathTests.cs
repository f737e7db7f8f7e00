using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.DisruptionBudgets;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.KubeControllers_Tests.DisruptionBudgets;

/// <summary>Pods are written as number and state: r ready, n not ready, t terminating.</summary>
public sealed class BudgetMathTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2", null, 5, 2)]
    [InlineData("50%", null, 5, 3)]
    [InlineData(null, "1", 5, 4)]
    [InlineData(null, "50%", 5, 2)]
    [InlineData(null, "9", 5, 0)]
    [InlineData(null, null, 5, 0)]
    public void Desired_FollowsTheBudget(string? min, string? max, int expected, int desired) =>
        Assert.Equal(desired, BudgetMath.DesiredHealthy(Budget(min, max).Spec!, expected));

    [Fact]
    public void Desired_OfNonsense_IsRefused() => Assert.Throws<InvalidBudgetException>(() => BudgetMath.DesiredHealthy(Budget("some", null).Spec!, 3));

    [Theory]
    [InlineData("1r 2r 3r", 3, 2, 3, 1, "SufficientPods")]
    [InlineData("1r 2n 3t", 3, 2, 1, 0, "InsufficientPods")]
    [InlineData("1r 2r", 0, 0, 2, 0, "InsufficientPods")]
    [InlineData("", 0, 0, 0, 0, "InsufficientPods")]
    public void Status_AllowsWhatIsHealthyBeyondWhatMustBe(string pods, int expected, int desired, int healthy, int allowed, string reason)
    {
        var (status, again) = BudgetMath.Calculate(Budget("2", null), Pods(pods), (expected, desired), Now);

        Assert.Equal((expected, desired, healthy, allowed), (status.ExpectedPods, status.DesiredHealthy, status.CurrentHealthy, status.DisruptionsAllowed));
        var condition = Assert.Single(status.Conditions!);
        Assert.Equal(("DisruptionAllowed", allowed > 0 ? "True" : "False", reason, "", 7), (condition.Type, condition.Status, condition.Reason, condition.Message, condition.ObservedGeneration));
        Assert.Null(again);
    }

    [Fact]
    public void Status_OfAwaitedEvictions_CountsThemAsGoneForTwoMinutes()
    {
        var budget = Budget("1", null);
        budget.Status = new PodDisruptionBudgetStatus
        {
            DisruptedPods = new() { ["1"] = Now.AddSeconds(-30), ["2"] = Now.AddSeconds(-121), ["3"] = Now, ["9"] = Now },
            Conditions = [new Condition { Type = "DisruptionAllowed", Status = "True", Reason = "SufficientPods", LastTransitionTime = Now.AddDays(-1) }],
        };
        var pods = Pods("1r 2r 3t 4r");

        var (status, again) = BudgetMath.Calculate(budget, pods, (4, 1), Now);

        Assert.Equal(["1"], status.DisruptedPods!.Keys);
        Assert.Equal((2, 1), (status.CurrentHealthy, status.DisruptionsAllowed));
        Assert.Equal(TimeSpan.FromSeconds(90), again);
        Assert.Equal(Now.AddDays(-1), status.Conditions![0].LastTransitionTime);
        Assert.Equal("2", Assert.Single(BudgetMath.Overdue(budget, pods, Now)).Metadata.Name);
    }

    [Fact]
    public void Failed_AllowsNothingAndSaysWhy()
    {
        var budget = Budget("1", null);
        budget.Status = new PodDisruptionBudgetStatus { DisruptionsAllowed = 3, CurrentHealthy = 4, ObservedGeneration = 6 };
        var status = BudgetMath.Failed(budget, "why", Now);

        Assert.Equal((0, 4, 6), (status.DisruptionsAllowed, status.CurrentHealthy, status.ObservedGeneration));
        Assert.Equal(("False", "SyncFailed", "why"), (status.Conditions![0].Status, status.Conditions[0].Reason, status.Conditions[0].Message));
    }

    private static PodDisruptionBudget Budget(string? min, string? max) => new()
    {
        Metadata = new ObjectMeta { Generation = 7 },
        Spec = new PodDisruptionBudgetSpec { MinAvailable = Amount(min), MaxUnavailable = Amount(max) },
    };

    private static IntOrString? Amount(string? text) => text is null ? null : int.TryParse(text, out var number) ? number : text;

    private static List<Pod> Pods(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => new Pod
        {
            Metadata = new ObjectMeta { Name = word[..1], DeletionTimestamp = word[1] == 't' ? Now : null },
            Status = new PodStatus { Phase = "Running", Conditions = [new PodCondition { Type = "Ready", Status = word[1] == 'n' ? "False" : "True" }] },
        }),
    ];
}
