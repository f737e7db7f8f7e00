using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Discovery;

/// <summary>One document of OpenAPI v3.</summary>
/// <param name="Path">Where it is, such as <c>api/v1</c> or <c>apis/apps/v1</c>.</param>
/// <param name="Hash">Changes whenever the document does: the ETag and the query of its address.</param>
/// <param name="Body">The document as UTF-8 JSON.</param>
internal sealed record OpenApiDocument(string Path, string Hash, ReadOnlyMemory<byte> Body);

/// <summary>
/// OpenAPI v3 for each group version, and v2 for all of them in one, generated from the schema when first asked for. Clients
/// read the index at each start, so its hashes come from what the documents are made of, not from the documents.
/// </summary>
internal sealed class OpenApiDocuments
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly KubeSchema _schema;
    private readonly CustomOpenApi _custom;
    private readonly Dictionary<string, List<KindSchema>> _byPath;
    private readonly Dictionary<string, string> _hashes;
    private readonly ConcurrentDictionary<string, Lazy<OpenApiDocument>> _documents = new(StringComparer.Ordinal);

    public OpenApiDocuments(IReadOnlyList<KindSchema> served, KubeSchema schema, CustomOpenApi? custom = null)
    {
        _schema = schema;
        _custom = custom ?? CustomOpenApi.None;
        _byPath = served.GroupBy(PathOf, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        _hashes = _byPath.ToDictionary(p => p.Key, p => Fingerprint(p.Value), StringComparer.Ordinal);
        Index = WriteIndex();
        var second = new Lazy<ReadOnlyMemory<byte>>(() => GenerateSecond(served));
        Second = new Lazy<OpenApiDocument>(() => new OpenApiDocument("v2", Fingerprint(served), second.Value));
        SecondAsProtobuf = new Lazy<OpenApiDocument>(() => new OpenApiDocument("v2", Second.Value.Hash + "-protobuf", SwaggerProtobuf.Encode(second.Value)));
    }

    /// <summary>The documents of all that is served, with those of <paramref name="before"/> that are still right.</summary>
    public static OpenApiDocuments For(IReadOnlyList<Resource> resources, OpenApiDocuments? before)
    {
        var custom = resources.Where(r => r.Custom is not null).ToDictionary(r => r.Schema.Type, r => r.Custom!, StringComparer.Ordinal);
        var documents = new OpenApiDocuments([.. resources.Select(r => r.Schema)], KubeSchema.Default, new CustomOpenApi(custom));
        foreach (var (path, document) in before?._documents ?? [])
        {
            if (documents._hashes.TryGetValue(path, out var hash) && before!._hashes[path] == hash)
            {
                documents._documents.TryAdd(path, document);
            }
        }

        return documents;
    }

    /// <summary>The body of <c>/openapi/v3</c>.</summary>
    public ReadOnlyMemory<byte> Index { get; }

    /// <summary>The body of <c>/openapi/v2</c>, which clients older than 1.28 read before they write.</summary>
    public Lazy<OpenApiDocument> Second { get; }

    /// <summary>The same in the form such clients ask for.</summary>
    public Lazy<OpenApiDocument> SecondAsProtobuf { get; }

    /// <summary>The document at a path below <c>/openapi/v3/</c>, or null when no such group version is served.</summary>
    public OpenApiDocument? Find(string path) => _byPath.TryGetValue(path, out var kinds)
        ? _documents.GetOrAdd(path, p => new Lazy<OpenApiDocument>(() => new OpenApiDocument(p, _hashes[p], Generate(kinds)))).Value
        : null;

    /// <summary>The address of a document with its hash, to which other hashes are redirected.</summary>
    public string? AddressOf(string path) => _hashes.TryGetValue(path, out var hash) ? $"/openapi/v3/{path}?hash={hash}" : null;

    private static string PathOf(KindSchema kind) => kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";

    private string Fingerprint(IEnumerable<KindSchema> kinds)
    {
        // Builds are deterministic: the modules' ids change with the schema and with this generator.
        var text = new StringBuilder()
            .Append(typeof(KubeSchema).Module.ModuleVersionId).Append(typeof(OpenApiDocuments).Module.ModuleVersionId);
        foreach (var kind in kinds)
        {
            text.Append('\n').Append(kind.GroupVersion).Append(' ').Append(kind.Kind).Append(' ').AppendJoin('+', kind.Verbs).Append(_custom.Fingerprint(kind));
            foreach (var subresource in kind.Subresources)
            {
                text.Append(' ').Append(subresource.Name).Append(':').AppendJoin('+', subresource.Verbs);
            }
        }

        return Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private ReadOnlyMemory<byte> WriteIndex() => Write(writer =>
    {
        writer.WriteStartObject("paths");
        foreach (var path in _byPath.Keys.Order(StringComparer.Ordinal))
        {
            writer.WriteStartObject(path);
            writer.WriteString("serverRelativeURL", AddressOf(path));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    private ReadOnlyMemory<byte> Generate(List<KindSchema> kinds) => Write(writer =>
    {
        writer.WriteString("openapi", "3.0.0");
        WriteInfo(writer, "unversioned");
        WritePaths(kinds, new OpenApiPaths(_schema, writer, OpenApiVersion.Three), writer);
        writer.WriteStartObject("components");
        var schemas = new OpenApiSchemas(_schema, writer, OpenApiVersion.Three) { Custom = _custom };
        AddKinds(kinds, schemas);
        schemas.Write();
        writer.WriteEndObject();
    });

    private ReadOnlyMemory<byte> GenerateSecond(IReadOnlyList<KindSchema> kinds) => Write(writer =>
    {
        writer.WriteString("swagger", "2.0");
        WriteInfo(writer, "v1.32.0");
        WritePaths(kinds, new OpenApiPaths(_schema, writer, OpenApiVersion.Two), writer);
        var schemas = new OpenApiSchemas(_schema, writer, OpenApiVersion.Two) { Custom = _custom };
        foreach (var group in kinds.GroupBy(PathOf, StringComparer.Ordinal))
        {
            AddKinds([.. group], schemas);
        }

        schemas.Write();
    });

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(256 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            content(writer);
            writer.WriteEndObject();
        }

        // Kept for as long as the server runs, so without what the buffer has to spare.
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteInfo(Utf8JsonWriter writer, string version)
    {
        writer.WriteStartObject("info");
        writer.WriteString("title", "Kubernetes");
        writer.WriteString("version", version);
        writer.WriteEndObject();
    }

    private static void WritePaths(IEnumerable<KindSchema> kinds, OpenApiPaths paths, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("paths");
        foreach (var kind in kinds.Where(k => k.IsServed))
        {
            paths.Write(kind);
        }

        writer.WriteEndObject();
    }

    /// <summary>Bodies of another group, such as Scale, belong to the documents that use them.</summary>
    private void AddAnswer(SubresourceSchema subresource, OpenApiSchemas schemas)
    {
        var dot = subresource.ResponseKind.LastIndexOf('.');
        if (dot > 0 && _schema.FindKind(subresource.ResponseKind[..dot], subresource.ResponseKind[(dot + 1)..]) is { } kind)
        {
            schemas.Mark(kind.Type, kind.Group, kind.Version, kind.Kind);
        }
    }

    private void AddKinds(List<KindSchema> kinds, OpenApiSchemas schemas)
    {
        foreach (var kind in kinds)
        {
            schemas.Mark(kind.Type, kind.Group, kind.Version, kind.Kind);
            if (kind.Verbs.Contains("list"))
            {
                schemas.Mark(kind.Type + "List", kind.Group, kind.Version, _custom.ListKind(kind));
            }

            foreach (var subresource in kind.Subresources)
            {
                AddAnswer(subresource, schemas);
            }
        }

        schemas.Mark(OpenApiNames.DeleteOptions, kinds[0].Group, kinds[0].Version, "DeleteOptions");
        schemas.Mark(OpenApiNames.Status, "", "v1", "Status");
    }
}
