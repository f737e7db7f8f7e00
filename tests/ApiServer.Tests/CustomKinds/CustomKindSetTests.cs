using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Schema;
using Sealos.Store;
using Xunit;

namespace Sealos.ApiServer.Tests.CustomKinds;

public sealed class CustomKindSetTests
{
    private const string Bindings = "/registry/rbac.authorization.k8s.io/clusterrolebindings/";
    private const string Stored = """
        {"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"clusterrolebindings.rbac.authorization.k8s.io","uid":"u"},"spec":{"group":"rbac.authorization.k8s.io","names":{"plural":"clusterrolebindings","kind":"Foo"},"scope":"Cluster","versions":[{"name":"v2","served":true,"storage":true}]},"status":{"acceptedNames":{"plural":"clusterrolebindings","singular":"foo","kind":"Foo","listKind":"FooList"},"conditions":[{"type":"Established","status":"True"}],"storedVersions":["v2"]}}
        """;

    [Fact]
    public async Task StoredDefinition_OfABuiltInKindsName_IsNotServed()
    {
        var folder = Directory.CreateTempSubdirectory("sealos-kinds-").FullName;
        try
        {
            var token = TestContext.Current.CancellationToken;
            await using var store = await KeyValueStore.OpenAsync(new StoreOptions(Path.Combine(folder, "store.db")), token);
            await store.PutAsync("/registry/apiextensions.k8s.io/customresourcedefinitions/clusterrolebindings.rbac.authorization.k8s.io", Encoding.UTF8.GetBytes(Stored.Trim()), 0, token);
            await using var caches = new CacheSet(store, TimeProvider.System, new ServerState(), NullLogger<CacheSet>.Instance);
            var registry = new ResourceRegistry(KubeSchema.Default, caches, Strategies());
            var kinds = new CustomKindSet(registry, caches, NullLogger<CustomKindSet>.Instance);
            await caches.StartAsync(token);
            Assert.Null(kinds.Stored("clusterrolebindings.rbac.authorization.k8s.io"));
            Assert.Null(registry.Find("rbac.authorization.k8s.io", "v2", "clusterrolebindings"));

            // Those who decide by the bindings still see each one.
            var revision = await store.PutAsync(Bindings + "b", """{"kind":"ClusterRoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"b","uid":"b"}}"""u8.ToArray(), 0, token);
            await caches.WaitForAsync(revision, token);
            Assert.Equal(1, registry.Get("rbac.authorization.k8s.io", "clusterrolebindings").Cache.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static StrategySet Strategies() => new(
        new ServiceStrategy(new AddressPool(new IPNetwork(IPAddress.Parse("10.96.0.0"), 16)), new PortPool(30000, 32767)),
        new NamespaceStrategy("pem"),
        new DefinitionStrategy(new DefinitionNames(), TimeProvider.System),
        TimeProvider.System);
}
