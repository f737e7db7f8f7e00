using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;
using Xunit;

namespace Sealos.OsServices_Tests.Users.Walls;

public sealed class QuotaExpansionTests
{
    private const string Said = """Error creating: pods "x-1" is forbidden: exceeded quota: quota-ns-ada, requested: limits.cpu=1,pods=1, used: limits.cpu=16,pods=20, limited: limits.cpu=16,pods=20""";

    [Fact]
    public void Refusal_NamesWhatWasShort_OfTheWorkspacesOwnQuota()
    {
        Assert.Equal(["limits.cpu", "pods"], QuotaExpansion.LimitedBy(Said, "quota-ns-ada"));
        Assert.Empty(QuotaExpansion.LimitedBy(Said, "quota-ns-bob"));
        Assert.Empty(QuotaExpansion.LimitedBy("Error creating: no such image", "quota-ns-ada"));
        Assert.Empty(QuotaExpansion.LimitedBy(null, "quota-ns-ada"));
    }

    [Theory]
    [InlineData("limits.cpu", "16", "2", "100", "32")]
    [InlineData("limits.cpu", "16", "16", "20", "20")]
    [InlineData("limits.cpu", "64", "32", "100", null)]
    [InlineData("limits.cpu", "64", "33", "100", "96")]
    [InlineData("limits.memory", "64Gi", "0", "1Ti", "128Gi")]
    [InlineData("limits.memory", "256Gi", "200Gi", "1Ti", "384Gi")]
    [InlineData("pods", "20", "20", "30", "30")]
    [InlineData("pods", "0", "0", "30", "30")]
    [InlineData("pods", "30", "30", "30", null)]
    [InlineData("count/secrets", "200", "200", null, null)]
    public void Quota_GrowsBySealossSteps_UpToTheOperatorsCeiling(string name, string hard, string used, string? ceiling, string? expected)
    {
        var quota = new ResourceQuota { Spec = new ResourceQuotaSpec { Hard = Only(name, hard) }, Status = new ResourceQuotaStatus { Used = Only(name, used) } };

        var grown = QuotaExpansion.Grow([name], quota, ceiling is null ? [] : Only(name, ceiling));

        Assert.Equal(expected, grown.TryGetValue(name, out var now) ? now.ToString() : null);
    }

    [Fact]
    public void WhatHasGrown_HoldsOnlyAsFarAsTheOperatorLetsItNow()
    {
        var expansion = new QuotaExpansion(DateTimeOffset.UnixEpoch, Only("limits.cpu", "32"));
        string Cpu(Dictionary<string, Quantity> ceilings, string usual = "16") => QuotaExpansion.Apply(Only("limits.cpu", usual), expansion, ceilings)["limits.cpu"].ToString();

        Assert.Equal(("32", "24", "16", "48"), (Cpu(Only("limits.cpu", "64")), Cpu(Only("limits.cpu", "24")), Cpu([]), Cpu(Only("limits.cpu", "64"), "48")));
        var written = QuotaExpansion.Of(new Namespace { Metadata = new ObjectMeta { Annotations = new() { [UserKeys.QuotaExpanded] = expansion.Write() } } });
        Assert.Equal(("32", DateTimeOffset.UnixEpoch), (written!.Hard["limits.cpu"].ToString(), written.At));
        Assert.Null(QuotaExpansion.Of(new Namespace { Metadata = new ObjectMeta { Annotations = new() { [UserKeys.QuotaExpanded] = "{" } } }));
    }

    private static Dictionary<string, Quantity> Only(string name, string quantity) => new() { [name] = Quantity.Parse(quantity) };
}
