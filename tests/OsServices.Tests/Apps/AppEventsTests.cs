using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Apps;
using Xunit;

namespace Sealos.OsServices_Tests.Apps;

public sealed class AppEventsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_AnApp_TakesItsOwnAndThoseOfItsInstances()
    {
        var events = AppEvents.Of("web",
        [
            Make("Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-5d4f from 0 to 2"),
            Make("ReplicaSet", "web-5d4f8c9b7", "SuccessfulCreate", "Created pod: web-5d4f8c9b7-x2x9z"),
            Make("Pod", "web-5d4f8c9b7-x2x9z", "Started", "Started container web"),
            Make("Pod", "web-admin-5d4f8c9b7-x2x9z", "Started", "Started container web-admin"),
            Make("Deployment", "web-admin", "ScalingReplicaSet", "Scaled up replica set web-admin-5d4f from 0 to 1"),
            Make("ConfigMap", "web", "Changed", "x"),
        ]);

        Assert.Equal(["Adding instances: from 0 to 2", "Added an instance", "Started"], events.Select(e => e.Words));
        Assert.Equal("web-5d4f8c9b7-x2x9z", events[2].Instance);
    }

    [Theory]
    [InlineData("BackOff", "Back-off restarting failed container web in pod web-1", "Waiting before starting again after a crash")]
    [InlineData("BackOff", "Back-off pulling image \"nginx:9\"", "Waiting before fetching the image again")]
    [InlineData("Pulled", "Container image \"hello:1\" already present on machine", "Found the image on the machine")]
    [InlineData("Unhealthy", "Liveness probe failed: connection refused", "Health check failed: connection refused")]
    [InlineData("Killing", "Container web failed liveness probe, will be restarted", "Restarting because its health check failed")]
    [InlineData("SomethingNew", "said so", "said so")]
    public void Words_ArePlain(string reason, string message, string words) =>
        Assert.Equal(words, Assert.Single(AppEvents.Of("web", [Make("Deployment", "web", reason, message)])).Words);

    [Fact]
    public void Of_SeveralEvents_HasTheLatestFirst()
    {
        var events = AppEvents.Of("web", [Make("Deployment", "web", "A", "old", Noon), Make("Deployment", "web", "B", "new", Noon.AddMinutes(1))]);

        Assert.Equal(["new", "old"], events.Select(e => e.Words));
    }

    private static Event Make(string kind, string name, string reason, string message, DateTimeOffset? when = null) => new()
    {
        Metadata = new ObjectMeta { Name = name + ".1" },
        InvolvedObject = new ObjectReference { Kind = kind, Name = name },
        Reason = reason,
        Message = message,
        Type = "Normal",
        LastTimestamp = when ?? Noon,
    };
}
