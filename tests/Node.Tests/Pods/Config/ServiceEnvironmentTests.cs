using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class ServiceEnvironmentTests
{
    private static readonly Service[] Services =
    [
        Service("team", "my-db", """{"clusterIP":"10.9.0.5","ports":[{"name":"sql-port","port":5432},{"port":9100,"protocol":"UDP"}]}"""),
        Service("team", "headless", """{"clusterIP":"None","ports":[{"port":80}]}"""),
        Service("other", "far", """{"clusterIP":"10.9.0.6","ports":[{"port":80}]}"""),
        Service("default", "kubernetes", """{"clusterIP":"10.9.0.1","ports":[{"name":"https","port":443,"protocol":"TCP"}]}"""),
    ];

    [Fact]
    public void Build_ServiceLinks_NamesServicesOfTheNamespaceAndTheApi()
    {
        var result = ServiceEnvironment.Build(TestPods.Pod("{}"), Services);

        Assert.Equal("10.9.0.5", result["MY_DB_SERVICE_HOST"]);
        Assert.Equal("5432", result["MY_DB_SERVICE_PORT"]);
        Assert.Equal("5432", result["MY_DB_SERVICE_PORT_SQL_PORT"]);
        Assert.Equal("tcp://10.9.0.5:5432", result["MY_DB_PORT"]);
        Assert.Equal("udp://10.9.0.5:9100", result["MY_DB_PORT_9100_UDP"]);
        Assert.Equal("udp", result["MY_DB_PORT_9100_UDP_PROTO"]);
        Assert.Equal("9100", result["MY_DB_PORT_9100_UDP_PORT"]);
        Assert.Equal("10.9.0.5", result["MY_DB_PORT_9100_UDP_ADDR"]);
        Assert.Equal("10.9.0.1", result["KUBERNETES_SERVICE_HOST"]);
        Assert.DoesNotContain(result.Keys, k => k.StartsWith("HEADLESS", StringComparison.Ordinal) || k.StartsWith("FAR", StringComparison.Ordinal));
    }

    [Fact]
    public void Build_NoServiceLinks_NamesTheApiAlone()
    {
        var result = ServiceEnvironment.Build(TestPods.Pod("""{"enableServiceLinks":false}"""), Services);

        Assert.All(result.Keys, k => Assert.StartsWith("KUBERNETES_", k, StringComparison.Ordinal));
        Assert.NotEmpty(result);
    }

    private static Service Service(string ns, string name, string spec) => new()
    {
        Metadata = new() { Name = name, Namespace = ns },
        Spec = JsonSerializer.Deserialize<ServiceSpec>(spec, KubeJson.Options),
    };
}
