using Sealos.Desktop.Apps.Workspaces;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Desktop_Tests.Apps;

public sealed class QuotaUseTests
{
    [Theory]
    [InlineData("limits.cpu", "500m", "2", "CPU", "0.5", "2", 25)]
    [InlineData("limits.memory", "512Mi", "4Gi", "Memory", "512 MiB", "4 GiB", 12)]
    [InlineData("requests.storage", "20Gi", "10Gi", "Storage", "20 GiB", "10 GiB", 100)]
    [InlineData("pods", "0", "0", "Instances", "0", "0", 0)]
    [InlineData("count/deployments.apps", "1", "1000", "Deployments", "1", "1,000", 0)]
    public void Of_AQuota_SaysUseInWords(string key, string used, string hard, string name, string usedWords, string hardWords, int percent)
    {
        var use = Assert.Single(QuotaUse.Of([Quota((key, used, hard))]));

        Assert.Equal(new QuotaUse(name, usedWords, hardWords, percent, IsMinor: key.StartsWith("count/", StringComparison.Ordinal)), use);
    }

    [Fact]
    public void Of_ManyResources_BeginsWithWhatPeopleLookFor() =>
        Assert.Equal(["CPU", "Memory", "Storage", "Secrets"], QuotaUse.Of([Quota(("secrets", "1", "5"), ("requests.storage", "0", "1Gi"), ("limits.memory", "0", "1Gi"), ("limits.cpu", "0", "1"))]).Select(u => u.Name));

    [Fact]
    public void Of_AQuotaThatWasNotCountedYet_ShowsNoUse() =>
        Assert.Equal("0", Assert.Single(QuotaUse.Of([new ResourceQuota { Spec = new ResourceQuotaSpec { Hard = new() { ["pods"] = Quantity.Parse("7") } } }])).Used);

    private static ResourceQuota Quota(params (string Key, string Used, string Hard)[] all) => new()
    {
        Status = new ResourceQuotaStatus { Hard = all.ToDictionary(a => a.Key, a => Quantity.Parse(a.Hard)), Used = all.ToDictionary(a => a.Key, a => Quantity.Parse(a.Used)) },
    };
}
