using System.Net;
using Sealos.Kinds.Core;
using Sealos.Node.Cri.Messages;
using Sealos.Node.Pressure;
using Sealos.Node.Registration;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Registration;

public sealed class NodeObjectTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly NodeOptions Options = new() { NodeName = "n1", NodeLabels = new Dictionary<string, string> { ["zone"] = "a" } };

    private static readonly MachineInfo Machine = new()
    {
        Cores = 4,
        MemoryBytes = 8L * 1024 * 1024 * 1024,
        DiskBytes = 1024 * 1024,
        HugePages = new Dictionary<string, long> { ["hugepages-2Mi"] = 0 },
        Address = IPAddress.Parse("192.0.2.1"),
        System = new NodeSystemInfo { MachineID = "m" },
    };

    [Fact]
    public void Create_Node_HasTheLabelsOfEveryNodeAndItsOwn()
    {
        var labels = NodeObject.Create(Options).Metadata.Labels!;

        Assert.Equal(("n1", "linux", "a"), (labels["kubernetes.io/hostname"], labels["kubernetes.io/os"], labels["zone"]));
    }

    [Fact]
    public void Status_WhatOthersGiveTheNode_Stays()
    {
        var before = new NodeStatus { Capacity = new() { ["example.com/gpu"] = Objects.Meta.Quantity.FromLong(2), ["cpu"] = Objects.Meta.Quantity.FromLong(64) }, Allocatable = new() { ["example.com/gpu"] = Objects.Meta.Quantity.FromLong(1) } };

        var status = NodeObject.Status(Options, Machine, new NodeFindings(new NodePressure(false, false, false), null, [], Now), before);

        Assert.Equal(("2", "2", "4"), (status.Capacity!["example.com/gpu"].ToString(), status.Allocatable!["example.com/gpu"].ToString(), status.Capacity["cpu"].ToString()));
    }

    [Fact]
    public void Status_HealthyMachine_IsReadyWithRoomForManyPods()
    {
        var status = NodeObject.Status(Options, Machine, new NodeFindings(new NodePressure(false, false, false), null, [], Now), null);

        Assert.Equal(["MemoryPressure=False", "DiskPressure=False", "PIDPressure=False", "Ready=True"], status.Conditions!.Select(c => $"{c.Type}={c.Status}"));
        Assert.Equal(("4", "8388608Ki", "2000"), (status.Capacity!["cpu"].ToString(), status.Capacity["memory"].ToString(), status.Capacity["pods"].ToString()));
        Assert.Equal("8286208Ki", status.Allocatable!["memory"].ToString());
        Assert.Equal(["InternalIP=192.0.2.1", "Hostname=n1"], status.Addresses!.Select(a => $"{a.Type}={a.Address}"));
        Assert.Equal(10250, status.DaemonEndpoints!.KubeletEndpoint!.Port);
    }

    [Fact]
    public void Status_TroubledMachine_SaysSoAndKeepsTimesAndOthersConditions()
    {
        var earlier = Now.AddHours(-1);
        var before = new NodeStatus { Conditions = [new NodeCondition { Type = "NetworkUnavailable", Status = "False" }, new NodeCondition { Type = "DiskPressure", Status = "True", LastTransitionTime = earlier }, new NodeCondition { Type = "Ready", Status = "True", LastTransitionTime = earlier }] };

        var status = NodeObject.Status(Options, Machine, new NodeFindings(new NodePressure(true, true, true), "container runtime is down", [], Now), before);

        Assert.Equal(["NetworkUnavailable", "MemoryPressure", "DiskPressure", "PIDPressure", "Ready"], status.Conditions!.Select(c => c.Type));
        Assert.Equal(earlier, status.Conditions!.Single(c => c.Type == "DiskPressure").LastTransitionTime);
        var ready = status.Conditions!.Single(c => c.Type == "Ready");
        Assert.Equal(("False", "KubeletNotReady", "container runtime is down", Now), (ready.Status, ready.Reason, ready.Message, ready.LastTransitionTime));
    }

    [Fact]
    public void Status_ResourcesOfOthers_StayWhateverElseIsReported()
    {
        var findings = new NodeFindings(new NodePressure(false, false, false), null, [], Now);
        var before = new NodeStatus
        {
            Capacity = new() { ["cpu"] = Quantity.Parse("1"), ["hugepages-1Gi"] = Quantity.Parse("1"), ["ex.com/seat"] = Quantity.Parse("5") },
            Allocatable = new() { ["ex.com/seat"] = Quantity.Parse("4"), ["ex.com/gone"] = Quantity.Parse("3") },
        };

        var status = NodeObject.Status(Options, Machine, findings, before);

        foreach (var amounts in new[] { status.Capacity!, status.Allocatable! })
        {
            Assert.Equal(["cpu=4", "ephemeral-storage=1024Ki", "ex.com/seat=5", "hugepages-2Mi=0", "pods=2000"], amounts.Where(a => a.Key != "memory").Select(a => $"{a.Key}={a.Value}").Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Status_Images_AreTheLargestWithNames()
    {
        Image[] images = [new() { Id = "1", Size = 5, RepoTags = { "small:1" } }, new() { Id = "2", Size = 50, RepoTags = { "big:1" }, RepoDigests = { "big@sha256:x" } }, new() { Id = "3", Size = 500 }];

        var status = NodeObject.Status(Options, Machine, new NodeFindings(new NodePressure(false, false, false), null, images, Now), null);

        Assert.Equal(["big@sha256:x big:1", "small:1"], status.Images!.Select(i => string.Join(' ', i.Names!)));
    }
}
