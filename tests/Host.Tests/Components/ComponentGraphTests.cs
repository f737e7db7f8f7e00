using Sealos.Host.Components;
using Sealos.Host.Configuration;
using Xunit;

namespace Sealos.Host_Tests.Components;

public sealed class ComponentGraphTests
{
    [Fact]
    public void Catalog_EveryComponent_StandsAfterWhatItNeedsAndSaysWhatItIs()
    {
        var known = new HashSet<string>();
        foreach (var component in ComponentCatalog.All)
        {
            Assert.All(component.Needs, n => Assert.Contains(n, known));
            Assert.True(known.Add(component.Name));
            Assert.False(string.IsNullOrWhiteSpace(component.Description) || string.IsNullOrWhiteSpace(component.Without));
            Assert.Contains(component.Process, (string[])[ComponentInfo.Server, ComponentInfo.Edge]);
        }
    }

    [Theory]
    [InlineData("launchpad", "admission,users,gateway,desktop,launchpad")]
    [InlineData("desktop", "admission,users,gateway,desktop")]
    [InlineData("dns", "dns")]
    [InlineData("", "")]
    public void Wanted_WhatAnEnabledOneNeeds_IsWantedToo(string enabled, string wanted) =>
        Assert.Equal(wanted.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(), ComponentGraph.Wanted(ComponentCatalog.All, c => c.Name == enabled).Order());

    [Theory]
    [InlineData("gateway", "desktop,launchpad")]
    [InlineData("desktop", "launchpad")]
    [InlineData("metrics", "")]
    public void NeededBy_ThroughOthers_IsFound(string name, string needing) =>
        Assert.Equal(needing, string.Join(',', ComponentGraph.NeededBy(ComponentCatalog.All, name)));

    [Fact]
    public void NeedsOf_ThroughOthers_IsFoundInStartOrder() =>
        Assert.Equal(["admission", "users", "gateway", "desktop"], ComponentGraph.NeedsOf(ComponentCatalog.All, "launchpad"));

    [Theory]
    [InlineData("", "metrics", "metrics")]
    [InlineData("", "desktop,launchpad,gateway", "desktop,gateway,launchpad")]
    public void HasAtFirst_Without_LeavesThoseOut(string with, string without, string missing)
    {
        var options = new CloudOptions { With = with, Without = without };

        Assert.Empty(options.Validate());
        Assert.Equal(missing, string.Join(',', ComponentCatalog.All.Where(c => c.IsOnByDefault && !options.HasAtFirst(c)).Select(c => c.Name).Order()));
    }

    [Theory]
    [InlineData("", "gateway", "--without: desktop, launchpad cannot run without gateway; say --without gateway,desktop,launchpad")]
    [InlineData("dns", "dns", "--without: 'dns' stands in --with, too")]
    public void Validate_ChoiceThatContradictsItself_IsRefused(string with, string without, string error) =>
        Assert.Equal([error], new CloudOptions { With = with, Without = without }.Validate());

    [Fact]
    public void Validate_UnknownComponent_IsNamedWithThoseThereAre() =>
        Assert.StartsWith("--with: there is no component 'gateways'; there are storage, ", Assert.Single(new CloudOptions { With = "gateways" }.Validate()));

    [Fact]
    public void Gvisor_ItsClass_IsAmongTheObjectsThatAreJudgedByTheirLabelAndMayStay() =>
        Assert.Equal(["/apis/node.k8s.io/v1/runtimeclasses/gvisor"], ComponentCatalog.Gvisor.Objects);
}
