using System.Text;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Pods.Config;

public sealed class ContainerEnvironmentTests
{
    private static readonly PodSurroundings Surroundings = new("192.168.0.1", "10.0.0.7", new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("2"), ["memory"] = Quantity.Parse("1Gi") });

    [Fact]
    public void Build_EveryKindOfSource_ResolvesInOrder()
    {
        var pod = TestPods.Pod("""
            {"nodeName":"n1","serviceAccountName":"sa","containers":[{"name":"c","resources":{"limits":{"memory":"64Mi"}},
             "envFrom":[{"prefix":"P_","configMapRef":{"name":"all"}},{"secretRef":{"name":"hidden"}}],
             "env":[{"name":"A","value":"a"},{"name":"B","value":"$(A)-$(P_x)-$(SVC)-$(later)"},{"name":"later","value":"l"},{"name":"K","valueFrom":{"configMapKeyRef":{"name":"all","key":"x"}}},
                    {"name":"S","valueFrom":{"secretKeyRef":{"name":"hidden","key":"token"}}},{"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}},
                    {"name":"MEM","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"1Mi"}}},{"name":"SVC2","value":"own"}]}]}
            """);
        var sources = new EnvironmentSources { Services = new Dictionary<string, string> { ["SVC"] = "s", ["SVC2"] = "service" } };
        sources.ConfigMaps["all"] = new ConfigMap { Data = new() { ["x"] = "1", ["y"] = "2" } };
        sources.Secrets["hidden"] = new Secret { Data = new() { ["token"] = Encoding.UTF8.GetBytes("t") } };

        var result = ContainerEnvironment.Build(pod, pod.Containers[0], sources, Surroundings);

        Assert.Equal(
            ["P_x=1", "P_y=2", "token=t", "A=a", "B=a-1-s-$(later)", "later=l", "K=1", "S=t", "IP=10.0.0.7", "MEM=64", "SVC2=own", "SVC=s"],
            result.Select(e => $"{e.Key}={e.Value}"));
    }

    [Theory]
    [InlineData("""{"envFrom":[{"configMapRef":{"name":"no"}}]}""", "configmap \"no\" not found")]
    [InlineData("""{"envFrom":[{"secretRef":{"name":"no"}}]}""", "secret \"no\" not found")]
    [InlineData("""{"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"no","key":"k"}}}]}""", "configmap \"no\" not found")]
    [InlineData("""{"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"yes","key":"k"}}}]}""", "couldn't find key k in ConfigMap team/yes")]
    [InlineData("""{"env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"yes","key":"k"}}}]}""", "couldn't find key k in Secret team/yes")]
    [InlineData("""{"env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.nope"}}}]}""", "fieldRef: field path \"spec.nope\" is not supported")]
    [InlineData("""{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.gpu"}}}]}""", "resourceFieldRef: resource \"limits.gpu\" is not supported")]
    [InlineData("""{"env":[{"name":"A","valueFrom":{"resourceFieldRef":{"containerName":"other","resource":"limits.cpu"}}}]}""", "resourceFieldRef: there is no container \"other\"")]
    public void Build_MissingReference_NamesIt(string container, string message)
    {
        var pod = TestPods.Pod($$"""{"containers":[{{container}}]}""");
        var sources = new EnvironmentSources();
        sources.ConfigMaps["yes"] = new ConfigMap();
        sources.Secrets["yes"] = new Secret();

        var error = Assert.Throws<ContainerStartException>(() => ContainerEnvironment.Build(pod, pod.Containers[0], sources, Surroundings));

        Assert.Equal(("CreateContainerConfigError", message), (error.Reason, error.Message));
    }

    [Fact]
    public void Build_MissingOptionalReferences_LeavesThemOut()
    {
        var pod = TestPods.Pod("""
            {"containers":[{"envFrom":[{"configMapRef":{"name":"no","optional":true}},{"secretRef":{"name":"no","optional":true}}],
             "env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"no","key":"k","optional":true}}},{"name":"B","valueFrom":{"secretKeyRef":{"name":"no","key":"k","optional":true}}},{"name":"C","value":"c"}]}]}
            """);

        Assert.Equal(["C"], ContainerEnvironment.Build(pod, pod.Containers[0], new EnvironmentSources(), Surroundings).Select(e => e.Key));
    }

    [Fact]
    public void References_Container_NamesEachOnce()
    {
        var pod = TestPods.Pod("""{"containers":[{"envFrom":[{"configMapRef":{"name":"m"}}],"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"m","key":"k"}}},{"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}]}""");

        var (maps, secrets) = ContainerEnvironment.References(pod.Containers[0]);

        Assert.Equal(["m"], maps);
        Assert.Equal(["s"], secrets);
    }
}
