using System.Net;
using Sealos.Kinds.Core;
using Sealos.Network.Policies;
using Xunit;

namespace Sealos.Network_Tests.Policies;

/// <summary>Whose an address is while the node and the API say different things.</summary>
public sealed class AdmissionsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly IPAddress One = IPAddress.Parse("10.208.0.1");

    private readonly Admissions _admissions = new();

    [Theory]
    [InlineData("Failed")]
    [InlineData("Succeeded")]
    public void Pod_ThatTheApiCallsOver_KeepsItsAddressUntilTheNodeTakesItBack(string phase)
    {
        var pod = Named("a", "1");
        _admissions.Add(pod, One, Now);
        var told = Named("a", "1");
        told.Status = new PodStatus { Phase = phase, PodIP = $"{One}" };
        Assert.Equal(One, _admissions.FactsOf(PodFacts.IdentityOf(pod), told)?.Address);
        _admissions.Remove(PodFacts.IdentityOf(pod));
        Assert.Null(_admissions.FactsOf(PodFacts.IdentityOf(pod), told));
    }

    [Fact]
    public void Pod_ThatWasDeletedByForce_KeepsItsAddressAndLabels_BesideTheNextOfItsName()
    {
        var (old, next) = (Named("a", "1"), Named("a", "2"));
        _admissions.Add(old, One, Now);
        old = Named("a", "1");
        old.Metadata.Labels = new() { ["late"] = "yes" };
        _admissions.FactsOf(PodFacts.IdentityOf(old), old);
        _admissions.Add(next, IPAddress.Parse("10.208.0.2"), Now);
        var facts = _admissions.FactsOf(PodFacts.IdentityOf(old), null);
        Assert.Equal((One, "yes"), (facts!.Address, facts.Labels["late"]));
        Assert.Equal("2", _admissions.FactsOf(PodFacts.IdentityOf(next), next)?.Uid);
    }

    [Fact]
    public void Address_ThatIsGivenAgain_IsTheLastOnes()
    {
        var (a, b) = (Named("a", "1"), Named("b", "2"));
        _admissions.Add(a, One, Now);
        var (_, former) = _admissions.Add(b, One, Now);
        Assert.Equal(PodFacts.IdentityOf(a), former);
        Assert.Null(_admissions.FactsOf(PodFacts.IdentityOf(a), null));
        Assert.Equal(One, _admissions.FactsOf(PodFacts.IdentityOf(b), null)?.Address);
    }

    [Fact]
    public void Age_CountsFromTheAdmission_AndOnlyWhereTheApiKnowsNothing()
    {
        var pod = Named("old", "1");
        pod.Metadata.CreationTimestamp = Now.AddDays(-9);
        _admissions.Add(pod, One, Now);
        Assert.Empty(_admissions.Forget(Now.AddMinutes(1), _ => false));
        Assert.Empty(_admissions.Forget(Now.AddHours(1), _ => true));
        Assert.Equal([PodFacts.IdentityOf(pod)], _admissions.Forget(Now.AddHours(1), _ => false));
    }

    private static Pod Named(string name, string uid) => new() { Metadata = new() { Namespace = "x", Name = name, Uid = uid } };
}
