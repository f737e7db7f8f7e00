using Sealos.ApiServer.Registry;

namespace Sealos.ApiServer.Watch;

/// <summary>Reads from an object's bytes, in one pass and without a tree, what lists and watches select by.</summary>
internal static class ObjectScanner
{
    /// <summary>Makes the cached form of stored bytes under <paramref name="key"/>, which is relative to the kind's prefix.</summary>
    public static CachedObject Load(ReadOnlySpan<char> key, ReadOnlySpan<byte> stored, long revision, SelectableFields fields)
    {
        var slash = key.IndexOf('/');
        var scan = new ObjectScan(fields);
        scan.Read(stored);
        var served = ObjectBytes.WithRevision(stored, revision);
        return new CachedObject
        {
            Namespace = slash < 0 ? "" : Names.Intern(key[..slash]),
            Name = key[(slash + 1)..].ToString(),
            Uid = scan.Uid ?? "",
            Revision = revision,
            Utf8 = served,
            BodyStart = ObjectBytes.BodyStart(served),
            Labels = scan.Labels,
            Fields = scan.Values,
        };
    }
}
