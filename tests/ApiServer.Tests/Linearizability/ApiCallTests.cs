using Sealos.Store.Tests.Linearizability;
using Xunit;

namespace Sealos.ApiServer.Tests.Linearizability;

/// <summary>What may be made of calls that were never answered.</summary>
public sealed class ApiCallTests
{
    [Fact]
    public void CallWithoutAnswer_HappenedBeforeTheEndOrNever()
    {
        var lost = Put(1, 4, 2) with { Outcome = Outcome.Unknown };
        Assert.Null(Checker.FindViolation([lost]));
        Assert.Null(Checker.FindViolation([lost, Read(2, 3, null)]));
        Assert.Null(Checker.FindViolation([lost, Read(2, 3, null), Read(5, 6, lost)]));
        Assert.Equal("a", Checker.FindViolation([lost, Read(5, 6, null), Read(7, 8, lost)]));
        Assert.Equal("a", Checker.FindViolation([lost, Read(2, 3, lost), Read(5, 6, null)]));
    }

    private static ApiCall Put(long called, long answered, long revision) => new(Verb.Create, "a", null, 7) { Revision = revision, Called = called, Answered = answered };

    private static ApiCall Read(long called, long answered, ApiCall? found) => new(Verb.Get, "a", null, found?.Value ?? 0)
    {
        Outcome = found is null ? Outcome.NotFound : Outcome.Done,
        Revision = found?.Revision ?? 0,
        Called = called,
        Answered = answered,
    };
}
