using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.CustomKinds;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>
/// Between the stored form of a custom kind and one of its versions. Versions differ in nothing but their name, so that is
/// changed in the bytes; only where a schema has defaults is an object looked into, once.
/// </summary>
internal sealed class CustomConversion(CustomVersion version) : ViewConversion
{
    private readonly byte[] _opening = Encoding.UTF8.GetBytes($"{{\"kind\":\"{JsonEncodedText.Encode(version.Definition.Kind)}\",\"apiVersion\":\"{version.GroupVersion}\",");
    private readonly string _storedVersion = $"{version.Definition.Group}/{version.Definition.StorageVersion}";
    private readonly ConditionalWeakTable<CachedObject, CachedObject> _defaulted = [];

    /// <summary>Whether objects could differ from what is stored.</summary>
    public static bool IsNeeded(CustomVersion version) =>
        !version.IsStorage || version.MayHaveDefaults || version.Definition.StoredVersions.Any(v => v != version.Name);

    public override void ToStored(JsonObject obj) => obj["apiVersion"] = _storedVersion;

    public override void ToView(JsonObject obj)
    {
        obj["apiVersion"] = version.GroupVersion;
        if (version.MayHaveDefaults)
        {
            CustomObjects.Default(obj, version.Schema);
        }
    }

    public override CachedObject ToView(CachedObject stored) =>
        version.MayHaveDefaults && version.Schema.HasDefaults ? _defaulted.GetValue(stored, WithDefaults) : WithVersion(stored);

    private CachedObject WithDefaults(CachedObject stored)
    {
        var obj = stored.Parse();
        if (!CustomObjects.Default(obj, version.Schema))
        {
            return WithVersion(stored);
        }

        obj["apiVersion"] = version.GroupVersion;
        CustomObjects.Canonicalize(obj);
        return stored.With(ObjectBytes.WithRevision(ObjectBytes.Write(obj, stored.ManagedFields.Span), stored.Revision));
    }

    private CachedObject WithVersion(CachedObject stored)
    {
        if (stored.Utf8.AsSpan().StartsWith(_opening))
        {
            return stored;
        }

        var utf8 = new byte[_opening.Length + stored.Utf8.Length - stored.BodyStart];
        _opening.CopyTo(utf8, 0);
        stored.Utf8.AsSpan(stored.BodyStart).CopyTo(utf8.AsSpan(_opening.Length));
        return stored.With(utf8);
    }
}
