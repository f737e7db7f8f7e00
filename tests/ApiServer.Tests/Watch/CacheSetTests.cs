using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Watch;
using Sealos.Store;
using Xunit;

namespace Sealos.ApiServer.Tests.Watch;

public sealed class CacheSetTests
{
    [Fact]
    public async Task CacheOfABuiltInKind_IsNeitherReplacedNorRemoved()
    {
        var folder = Directory.CreateTempSubdirectory("sealos-caches-").FullName;
        try
        {
            await using var store = await KeyValueStore.OpenAsync(new StoreOptions(Path.Combine(folder, "store.db")), TestContext.Current.CancellationToken);
            await using var caches = new CacheSet(store, TimeProvider.System, new ServerState(), NullLogger<CacheSet>.Instance);
            const string BuiltIn = "/registry/rbac.authorization.k8s.io/clusterrolebindings/";
            var cache = caches.Add(BuiltIn, SelectableFields.Of([]));
            Assert.Null(caches.AddLate(BuiltIn, SelectableFields.Of([]), 0));
            caches.Remove(BuiltIn);
            Assert.Same(cache, Assert.Single(caches.Caches));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task CacheOfACustomKind_TellsWhatTakesItsPlace()
    {
        var folder = Directory.CreateTempSubdirectory("sealos-caches-").FullName;
        try
        {
            await using var store = await KeyValueStore.OpenAsync(new StoreOptions(Path.Combine(folder, "store.db")), TestContext.Current.CancellationToken);
            await using var caches = new CacheSet(store, TimeProvider.System, new ServerState(), NullLogger<CacheSet>.Instance);
            const string Prefix = "/registry/x.test/widgets/";
            var first = caches.AddLate(Prefix, SelectableFields.Of([]), 0)!;
            KindCache? next = null;
            first.WhenReplaced(by => next = by);
            var second = caches.AddLate(Prefix, SelectableFields.Of([]), 0)!;
            Assert.Same(second, next);
            caches.Remove(Prefix);
            second.WhenReplaced(by => next = by);
            Assert.Null(next);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
