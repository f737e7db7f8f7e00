using System.Text;
using Sealos.ApiServer.Watch;
using Sealos.Store;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>Store events for tests of the cache alone.</summary>
internal static class CacheSamples
{
    public const string Prefix = "/registry/core/pods/";

    public static KindCache NewCache(TimeProvider? time = null)
    {
        var cache = new KindCache(Prefix, SelectableFields.For("", "Pod"), time ?? TimeProvider.System);
        cache.Load([], 0);
        return cache;
    }

    public static StoreEvent Put(long revision, string key, string labels = "", string spec = "") =>
        new(revision, Prefix + key, StoreEventType.Updated, Bytes(key, labels, spec), 1);

    public static StoreEvent Delete(long revision, string key) => new(revision, Prefix + key, StoreEventType.Deleted, null, 1);

    public static List<string> Drain(Watcher watcher)
    {
        var seen = new List<string>();
        while (watcher.TryRead(out var item))
        {
            seen.Add($"{item.Type} {item.Subject?.Key} {item.Revision}");
        }

        return seen;
    }

    private static byte[] Bytes(string key, string labels, string spec)
    {
        var parts = key.Split('/');
        return Encoding.UTF8.GetBytes("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"NAME","namespace":"NS","uid":"u","labels":{LABELS}},"spec":{SPEC},"status":{"phase":"Running"}}"""
            .Replace("NAME", parts[1], StringComparison.Ordinal).Replace("NS", parts[0], StringComparison.Ordinal).Replace("LABELS", labels, StringComparison.Ordinal).Replace("SPEC", spec, StringComparison.Ordinal));
    }
}
