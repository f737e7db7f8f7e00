using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.EndpointSlices;
using Xunit;
using EndpointPort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.KubeControllers_Tests.EndpointSlices;

public sealed class SlicePlanTests
{
    [Fact]
    public void Make_NoEndpointsAtAll_KeepsOneEmptySlice()
    {
        var plan = SlicePlan.Make([], []);

        var placeholder = Assert.Single(plan.Create);
        Assert.Empty(placeholder.Endpoints);
        Assert.Null(placeholder.Ports);

        var again = SlicePlan.Make([Slice("s", null, [])], []);
        Assert.Empty(again.Create);
        Assert.Empty(again.Delete);
        Assert.False(Assert.Single(again.Update).HasChanged);
    }

    [Fact]
    public void Make_MoreThanASliceHolds_MakesSeveral()
    {
        var plan = SlicePlan.Make([], [Group(80, 0, 250)]);

        Assert.Equal([100, 100, 50], plan.Create.Select(c => c.Endpoints.Count));
    }

    [Fact]
    public void Make_OneMore_ChangesOneSliceOnly()
    {
        EndpointSlice[] known = [Slice("full", Ports(80), Endpoints(0, 100)), Slice("half", Ports(80), Endpoints(100, 50))];

        var plan = SlicePlan.Make(known, [Group(80, 0, 151)]);

        Assert.Equal("half", Assert.Single(plan.Update, u => u.HasChanged).Known!.Metadata.Name);
        Assert.Empty(plan.Create);
        Assert.Empty(plan.Delete);
    }

    [Fact]
    public void Make_OneLess_ChangesOneSliceOnly()
    {
        EndpointSlice[] known = [Slice("a", Ports(80), Endpoints(0, 100)), Slice("b", Ports(80), Endpoints(100, 50))];

        var plan = SlicePlan.Make(known, [new EndpointGroup(Ports(80), [.. Endpoints(0, 150).Where(e => e.TargetRef!.Uid != "7")])]);

        Assert.Equal("a", Assert.Single(plan.Update, u => u.HasChanged).Known!.Metadata.Name);
    }

    [Fact]
    public void Make_FirstPodComes_ReusesTheEmptySlice()
    {
        var plan = SlicePlan.Make([Slice("s", null, [])], [Group(80, 0, 1)]);

        Assert.Empty(plan.Create);
        Assert.Empty(plan.Delete);
        Assert.Single(Assert.Single(plan.Update).Endpoints);
    }

    [Fact]
    public void Make_EmptiedSliceBesideAnother_IsDeleted()
    {
        EndpointSlice[] known = [Slice("a", Ports(80), Endpoints(0, 1)), Slice("b", Ports(81), Endpoints(1, 1))];

        var plan = SlicePlan.Make(known, [Group(80, 0, 1)]);

        Assert.Equal("b", Assert.Single(plan.Delete).Metadata.Name);
        Assert.False(Assert.Single(plan.Update).HasChanged);
    }

    [Fact]
    public void Make_StateOfOneChanged_IsSeen()
    {
        var group = Group(80, 0, 2);
        group.Endpoints[1].Conditions!.Ready = false;

        Assert.True(Assert.Single(SlicePlan.Make([Slice("a", Ports(80), Endpoints(0, 2))], [group]).Update).HasChanged);
        Assert.False(Assert.Single(SlicePlan.Make([Slice("a", Ports(80), Endpoints(0, 2))], [Group(80, 0, 2)]).Update).HasChanged);
    }

    private static EndpointGroup Group(int port, int first, int count) => new(Ports(port), Endpoints(first, count));

    private static List<EndpointPort> Ports(int port) => [new EndpointPort { Name = "http", Protocol = "TCP", Port = port }];

    private static List<Endpoint> Endpoints(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => new Endpoint
        {
            Addresses = [string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}")],
            Conditions = new EndpointConditions { Ready = true },
            TargetRef = new ObjectReference { Uid = i.ToString(CultureInfo.InvariantCulture) },
        })];

    private static EndpointSlice Slice(string name, List<EndpointPort>? ports, List<Endpoint> endpoints) => new() { Metadata = new ObjectMeta { Name = name }, Ports = ports, Endpoints = endpoints };
}
