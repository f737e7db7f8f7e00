using System.Text.Json;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Discovery;

/// <summary>Writes the paths of a kind: its collection, its objects and their subresources, with the verbs served.</summary>
internal sealed class OpenApiPaths(KubeSchema schema, Utf8JsonWriter writer, OpenApiVersion version)
{
    private const string Json = "application/json";

    private static readonly string[] WriteOptions = ["dryRun", "fieldManager", "fieldValidation"];
    private static readonly string[] ListOptions = ["allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch"];
    private static readonly string[] DeleteOptions = ["dryRun", "gracePeriodSeconds", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents", "propagationPolicy"];
    private static readonly string[] Booleans = ["allowWatchBookmarks", "force", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents", "sendInitialEvents", "watch"];
    private static readonly string[] Integers = ["gracePeriodSeconds", "limit", "timeoutSeconds"];
    private static readonly Dictionary<string, string> Methods = new(StringComparer.Ordinal) { ["create"] = "post", ["delete"] = "delete", ["get"] = "get", ["patch"] = "patch", ["update"] = "put" };
    private static readonly string[] PatchTypes = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];

    private bool IsOld => version == OpenApiVersion.Two;

    public void Write(KindSchema kind)
    {
        var root = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.Group}/{kind.Version}";
        var collection = kind.IsNamespaced ? $"{root}/namespaces/{{namespace}}/{kind.Plural}" : $"{root}/{kind.Plural}";
        if (kind.IsNamespaced && kind.Verbs.Contains("list"))
        {
            Path($"{root}/{kind.Plural}", kind, hasName: false, isNamespaced: false, [new("get", "list", kind.Type + "List", ListOptions)]);
        }

        Path(collection, kind, hasName: false, kind.IsNamespaced, CollectionOperations(kind));
        Path($"{collection}/{{name}}", kind, hasName: true, kind.IsNamespaced, ObjectOperations(kind.Verbs, kind.Type));
        foreach (var subresource in kind.Subresources)
        {
            var answer = subresource.Name == "log" ? kind with { Type = "" } : KindOf(subresource, kind);
            Path($"{collection}/{{name}}/{subresource.Name}", answer, hasName: true, kind.IsNamespaced, SubresourceOperations(subresource, answer.Type));
        }
    }

    /// <summary>What a subresource answers with: a kind of the schema, or for streams and proxies only a name.</summary>
    private KindSchema KindOf(SubresourceSchema subresource, KindSchema parent)
    {
        if (subresource.ResponseKind == parent.Kind)
        {
            return parent;
        }

        var dot = subresource.ResponseKind.LastIndexOf('.');
        var (groupVersion, kind) = dot < 0 ? (parent.GroupVersion, subresource.ResponseKind) : (subresource.ResponseKind[..dot], subresource.ResponseKind[(dot + 1)..]);
        return schema.FindKind(groupVersion, kind) ?? parent with { GroupVersion = groupVersion, Kind = kind, Type = "" };
    }

    private static IReadOnlyList<Operation> CollectionOperations(KindSchema kind)
    {
        var operations = new List<Operation>();
        if (kind.Verbs.Contains("list"))
        {
            operations.Add(new("get", "list", kind.Type + "List", ListOptions));
        }

        if (kind.Verbs.Contains("create"))
        {
            operations.Add(new("post", "post", kind.Type, WriteOptions));
        }

        if (kind.Verbs.Contains("deletecollection"))
        {
            operations.Add(new("delete", "deletecollection", OpenApiNames.Status, [.. DeleteOptions, .. ListOptions.Except(["watch", "allowWatchBookmarks"])]));
        }

        return operations;
    }

    private static IReadOnlyList<Operation> ObjectOperations(IReadOnlyList<string> verbs, string type)
    {
        var operations = new List<Operation>();
        void Add(string verb, string method, string body, string[] options)
        {
            if (verbs.Contains(verb))
            {
                operations.Add(new(method, method, body, options));
            }
        }

        Add("get", "get", type, []);
        Add("update", "put", type, WriteOptions);
        Add("patch", "patch", type, [.. WriteOptions, "force"]);
        Add("delete", "delete", OpenApiNames.Status, DeleteOptions);
        return operations;
    }

    private static IReadOnlyList<Operation> SubresourceOperations(SubresourceSchema subresource, string type) =>
        type.Length > 0
            ? [.. ObjectOperations(subresource.Verbs, type), .. subresource.Verbs.Contains("create") ? [new Operation("post", "post", type, WriteOptions)] : Array.Empty<Operation>()]
            : [.. Streams(subresource)];

    /// <summary>Streams and proxies carry no objects.</summary>
    private static IEnumerable<Operation> Streams(SubresourceSchema subresource)
    {
        var action = subresource.Name == "log" ? "get" : "connect";
        return subresource.Verbs.Select(verb => new Operation(Methods[verb], action, "", []));
    }

    private void Path(string path, KindSchema kind, bool hasName, bool isNamespaced, IReadOnlyList<Operation> operations)
    {
        if (operations.Count == 0)
        {
            return;
        }

        writer.WriteStartObject(path);
        foreach (var operation in operations)
        {
            WriteOperation(operation, kind);
        }

        writer.WriteStartArray("parameters");
        if (hasName)
        {
            WriteParameter("name", "path");
        }

        if (isNamespaced)
        {
            WriteParameter("namespace", "path");
        }

        WriteParameter("pretty", "query");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteOperation(Operation operation, KindSchema kind)
    {
        writer.WriteStartObject(operation.Method);
        var (types, body) = BodyOf(operation);
        WriteParameters(operation, IsOld ? body : null);
        if (body is not null)
        {
            WriteBody(types, body);
        }

        writer.WriteStartObject("responses");
        writer.WriteStartObject("200");
        writer.WriteString("description", "OK");
        if (operation.Type.Length > 0)
        {
            WriteAnswer(OpenApiNames.Of(operation.Type));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteString("x-kubernetes-action", operation.Action);
        writer.WriteStartObject("x-kubernetes-group-version-kind");
        writer.WriteString("group", kind.Group);
        writer.WriteString("kind", kind.Kind);
        writer.WriteString("version", kind.Version);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static (IReadOnlyList<string> MediaTypes, string? Body) BodyOf(Operation operation) => operation.Method switch
    {
        _ when operation.Type.Length == 0 => ([], null),
        "get" => ([], null),
        "patch" => (OpenApiNames.IsCustom(operation.Type) ? PatchTypes[..3] : PatchTypes, OpenApiNames.Patch),
        "delete" => (["*/*"], OpenApiNames.Of(OpenApiNames.DeleteOptions)),
        _ => (["*/*"], OpenApiNames.Of(operation.Type)),
    };

    private void WriteParameters(Operation operation, string? body)
    {
        if (operation.Options.Count == 0 && body is null)
        {
            return;
        }

        writer.WriteStartArray("parameters");
        foreach (var option in operation.Options)
        {
            WriteParameter(option, "query");
        }

        if (body is not null)
        {
            writer.WriteStartObject();
            writer.WriteString("in", "body");
            writer.WriteString("name", "body");
            writer.WriteBoolean("required", operation.Method != "delete");
            WriteSchema(body);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>What a request carries; version 2 has it among the parameters.</summary>
    private void WriteBody(IReadOnlyList<string> mediaTypes, string body)
    {
        if (IsOld)
        {
            writer.WriteStartArray("consumes");
            foreach (var mediaType in mediaTypes)
            {
                writer.WriteStringValue(mediaType);
            }

            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject("requestBody");
        WriteContent(mediaTypes, body);
        writer.WriteEndObject();
    }

    private void WriteAnswer(string name)
    {
        if (IsOld)
        {
            WriteSchema(name);
        }
        else
        {
            WriteContent([Json], name);
        }
    }

    private void WriteContent(IReadOnlyList<string> mediaTypes, string name)
    {
        writer.WriteStartObject("content");
        foreach (var mediaType in mediaTypes)
        {
            writer.WriteStartObject(mediaType);
            WriteSchema(name);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WriteSchema(string name)
    {
        writer.WriteStartObject("schema");
        writer.WriteString("$ref", OpenApiNames.Reference(name, version));
        writer.WriteEndObject();
    }

    private void WriteParameter(string name, string place)
    {
        writer.WriteStartObject();
        writer.WriteString("in", place);
        writer.WriteString("name", name);
        if (place == "path")
        {
            writer.WriteBoolean("required", true);
        }

        if (!IsOld)
        {
            writer.WriteStartObject("schema");
        }

        writer.WriteString("type", Booleans.Contains(name) ? "boolean" : Integers.Contains(name) ? "integer" : "string");
        writer.WriteBoolean("uniqueItems", true);
        if (!IsOld)
        {
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>One method of a path; the type is what it answers with, empty when that is no object.</summary>
    private sealed record Operation(string Method, string Action, string Type, IReadOnlyList<string> Options);
}
