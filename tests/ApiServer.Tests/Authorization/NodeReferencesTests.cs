using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Authorization;

public sealed class NodeReferencesTests
{
    private const string OnNode = "\"nodeName\":\"n\"";

    [Fact]
    public void Pod_ThatRefersToNothing_MayBeTheLastOfItsNode()
    {
        var pods = CacheSamples.NewCache();
        var references = new NodeReferences(pods, null);
        pods.Apply(CacheSamples.Put(1, "ns/mirror", spec: OnNode));
        pods.Apply(CacheSamples.Put(2, "ns/app", spec: OnNode + ",\"serviceAccountName\":\"default\""));
        Assert.True(references.IsRelated("n", "serviceaccounts", "ns", "default"));

        pods.Apply(CacheSamples.Delete(3, "ns/app"));
        pods.Apply(CacheSamples.Delete(4, "ns/mirror"));
        Assert.False(references.IsRelated("n", "serviceaccounts", "ns", "default"));

        pods.Apply(CacheSamples.Put(5, "ns/app", spec: OnNode + ",\"serviceAccountName\":\"default\""));
        Assert.True(references.IsRelated("n", "serviceaccounts", "ns", "default"));
    }
}
