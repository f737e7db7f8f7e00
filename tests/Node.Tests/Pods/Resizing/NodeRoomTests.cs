using Sealos.Node.Pods.Resizing;
using Xunit;

namespace Sealos.Node.Tests.Pods.Resizing;

public sealed class NodeRoomTests
{
    private readonly NodeRoom _room = new(_ => 1000);

    [Fact]
    public void TryGive_WhatFits_IsTaken_AndTheRestWaits()
    {
        _room.Give("a", new PodRoom(300, 100));
        _room.Give("b", new PodRoom(300, 100));

        Assert.Null(_room.TryGive("a", new PodRoom(700, 100)));
        Assert.Equal(new ResizeRefusal("Deferred", "Node didn't have enough resource: cpu, requested: 301, used: 700, capacity: 1000"), _room.TryGive("b", new PodRoom(301, 100)));
        Assert.Equal("Deferred", _room.TryGive("b", new PodRoom(300, 901))?.Status);
        _room.Release("a");
        Assert.Null(_room.TryGive("b", new PodRoom(1000, 1000)));
    }

    [Fact]
    public void TryGive_MoreThanTheNodeHas_WillNeverDo() =>
        Assert.Equal(new ResizeRefusal("Infeasible", "Node didn't have enough capacity: memory, requested: 1001, capacity: 1000"), _room.TryGive("a", new PodRoom(1, 1001)));

    [Fact]
    public void TryGive_LessThanBefore_FitsOnAFullNode()
    {
        _room.Give("a", new PodRoom(900, 0));
        _room.Give("b", new PodRoom(900, 0));

        Assert.Null(_room.TryGive("a", new PodRoom(850, 0)));
    }
}
