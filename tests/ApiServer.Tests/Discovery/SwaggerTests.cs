using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Discovery;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Xunit;

namespace Sealos.ApiServer.Tests.Discovery;

public sealed class SwaggerTests
{
    private static readonly OpenApiDocuments Documents = new([.. KubeSchema.Default.Kinds.Where(k => k.IsServed)], KubeSchema.Default);
    private static readonly JsonObject Second = JsonText.Parse(Documents.Second.Value.Body, []);

    [Fact]
    public void Second_RefersOnlyToWhatItHolds()
    {
        var definitions = Second.Child("definitions")!;
        var references = References(Second).ToList();

        Assert.NotEmpty(references);
        foreach (var reference in references)
        {
            Assert.StartsWith("#/definitions/", reference, StringComparison.Ordinal);
            Assert.True(definitions.ContainsKey(reference["#/definitions/".Length..]), reference);
        }
    }

    [Theory]
    [InlineData("io.k8s.api.core.v1.Container", "env", """{"type":"array","items":{"$ref":"#/definitions/io.k8s.api.core.v1.EnvVar"},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"}""")]
    [InlineData("io.k8s.api.core.v1.Container", "imagePullPolicy", """{"type":"string"}""")]
    [InlineData("io.k8s.api.apps.v1.DeploymentSpec", "replicas", """{"type":"integer","format":"int32"}""")]
    [InlineData("io.k8s.api.core.v1.ResourceRequirements", "limits", """{"type":"object","additionalProperties":{"$ref":"#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity"}}""")]
    public void Definitions_Field_IsWrittenAsInKubernetes(string type, string field, string expected)
    {
        var written = (JsonObject)Second.Child("definitions", type, "properties", field)!.DeepClone();
        written.Remove("description");
        Assert.Equal(expected, written.ToJsonString());
    }

    [Theory]
    [InlineData("io.k8s.apimachinery.pkg.util.intstr.IntOrString", """{"format":"int-or-string","type":"string"}""")]
    [InlineData("io.k8s.apimachinery.pkg.api.resource.Quantity", """{"type":"string"}""")]
    [InlineData("io.k8s.apimachinery.pkg.apis.meta.v1.Time", """{"type":"string","format":"date-time"}""")]
    public void Definitions_Scalars_HaveOneType(string type, string expected) =>
        Assert.Equal(expected, Second.Child("definitions", type)!.ToJsonString());

    [Fact]
    public void Paths_Patch_TellsItsKindItsBodyAndDryRun()
    {
        var patch = Second.Child("paths", "/api/v1/namespaces/{namespace}/configmaps/{name}", "patch")!;

        Assert.Equal("""{"group":"","kind":"ConfigMap","version":"v1"}""", patch["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Contains("application/strategic-merge-patch+json", patch.Texts("consumes"));
        Assert.Contains(patch.Objects("parameters"), p => p.Text("name") == "dryRun" && p.Text("in") == "query" && p.Text("type") == "string");
        Assert.Contains(patch.Objects("parameters"), p => p.Text("in") == "body" && p.Child("schema").Text("$ref") == "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Patch");
        Assert.Equal("#/definitions/io.k8s.api.core.v1.ConfigMap", patch.Child("responses", "200", "schema").Text("$ref"));
    }

    [Fact]
    public void Protobuf_SaysWhatTheJsonSays()
    {
        var document = Read(Documents.SecondAsProtobuf.Value.Body.Span);
        var definitions = Entries(document[9].Single(), 1);
        var paths = Entries(document[8].Single(), 2);

        Assert.Equal(Second.Child("definitions")!.Select(p => p.Key), definitions.Keys);
        Assert.Equal(Second.Child("paths")!.Select(p => p.Key), paths.Keys);
        var deployment = Read(definitions["io.k8s.api.apps.v1.Deployment"]);
        var kinds = Entries(definitions["io.k8s.api.apps.v1.Deployment"], 31)["x-kubernetes-group-version-kind"];
        Assert.Equal("""[{"group":"apps","kind":"Deployment","version":"v1"}]""", Text(Read(kinds)[2].Single()));
        Assert.Equal("object", Text(Read(deployment[22].Single())[1].Single()));
        var spec = Entries(deployment[25].Single(), 1)["spec"];
        Assert.Equal("#/definitions/io.k8s.api.apps.v1.DeploymentSpec", Text(Read(spec)[1].Single()));
    }

    [Fact]
    public void Protobuf_Patch_OffersDryRun()
    {
        var path = Read(Entries(Read(Documents.SecondAsProtobuf.Value.Body.Span)[8].Single(), 2)["/api/v1/namespaces/{namespace}/configmaps/{name}"]);
        var patch = Read(path[8].Single());
        var queries = patch[8].Select(p => Read(Read(p)[1].Single())).Where(p => p.Contains(2)).Select(p => Read(Read(p[2].Single())[3].Single()));

        Assert.Equal(["dryRun", "fieldManager", "fieldValidation", "force"], queries.Select(q => Text(q[4].Single())));
        Assert.Equal(["name", "namespace"], path[9].Select(p => Read(Read(Read(p)[1].Single())[2].Single())).Where(p => p.Contains(4)).Select(p => Text(Read(p[4].Single())[4].Single())));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject obj => obj.SelectMany(p => p.Key == "$ref" && p.Value?.GetValueKind() == JsonValueKind.String ? [p.Value.AsText()!] : References(p.Value)),
        JsonArray array => array.SelectMany(References),
        _ => [],
    };

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>The entries of a map: name to value.</summary>
    private static Dictionary<string, byte[]> Entries(byte[] message, int number) =>
        Read(message)[number].Select(entry => Read(entry)).ToDictionary(e => Text(e[1].Single()), e => e[2].Single());

    /// <summary>The fields of a message with a length, by number.</summary>
    private static ILookup<int, byte[]> Read(ReadOnlySpan<byte> message)
    {
        var fields = new List<(int Number, byte[] Value)>();
        while (message.Length > 0)
        {
            var key = Number(ref message);
            if ((key & 7) == 0)
            {
                Number(ref message);
                continue;
            }

            Assert.Equal(2, key & 7);
            var length = Number(ref message);
            fields.Add((key >> 3, message[..length].ToArray()));
            message = message[length..];
        }

        return fields.ToLookup(f => f.Number, f => f.Value);
    }

    private static int Number(ref ReadOnlySpan<byte> bytes)
    {
        var (value, shift) = (0, 0);
        while (true)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (next & 127) << shift;
            if (next < 128)
            {
                return value;
            }

            shift += 7;
        }
    }
}
