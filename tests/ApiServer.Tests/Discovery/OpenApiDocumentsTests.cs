using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Discovery;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Xunit;

namespace Sealos.ApiServer.Tests.Discovery;

public sealed class OpenApiDocumentsTests
{
    private static readonly List<KindSchema> Served = [.. KubeSchema.Default.Kinds.Where(k => k.IsServed)];
    private static readonly OpenApiDocuments Documents = new(Served, KubeSchema.Default);

    [Fact]
    public void Index_NamesEveryGroupVersionWithItsHash()
    {
        var paths = JsonText.Parse(Documents.Index, []).Child("paths")!;

        Assert.Contains("api/v1", paths.Select(p => p.Key));
        Assert.Contains("apis/networking.k8s.io/v1", paths.Select(p => p.Key));
        Assert.Equal($"/openapi/v3/apis/apps/v1?hash={Documents.Find("apis/apps/v1")!.Hash}", paths.Child("apis/apps/v1").Text("serverRelativeURL"));
    }

    [Fact]
    public void Find_WhatIsNotServed_IsNothing()
    {
        Assert.Null(Documents.Find("apis/nope/v1"));
        Assert.Null(Documents.AddressOf("apis/nope/v1"));
    }

    [Fact]
    public void Find_EveryDocument_RefersOnlyToWhatItHolds()
    {
        foreach (var (path, _) in JsonText.Parse(Documents.Index, []).Child("paths")!)
        {
            var document = Document(path);
            var schemas = document.Child("components", "schemas")!;
            foreach (var reference in References(document))
            {
                Assert.StartsWith("#/components/schemas/", reference, StringComparison.Ordinal);
                Assert.True(schemas.ContainsKey(reference["#/components/schemas/".Length..]), $"{path}: {reference}");
            }
        }
    }

    [Fact]
    public void Paths_Patch_TellsItsKindAndFieldValidation()
    {
        var patch = Document("api/v1").Child("paths", "/api/v1/namespaces/{namespace}/configmaps/{name}", "patch")!;

        Assert.Equal("""{"group":"","kind":"ConfigMap","version":"v1"}""", patch["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Contains(patch.Objects("parameters"), p => p.Text("name") == "fieldValidation" && p.Text("in") == "query");
    }

    [Fact]
    public void Paths_ClusterScopedKind_HasNoNamespace()
    {
        var paths = Document("api/v1").Child("paths")!;

        Assert.True(paths.ContainsKey("/api/v1/namespaces/{name}"));
        Assert.True(paths.ContainsKey("/api/v1/nodes"));
        Assert.False(paths.ContainsKey("/api/v1/namespaces/{namespace}/nodes"));
    }

    [Fact]
    public void Paths_Verbs_AreThoseServed()
    {
        var paths = Document("api/v1").Child("paths")!;

        Assert.Equal(["delete", "get", "parameters", "post"], paths.Child("/api/v1/namespaces/{namespace}/pods")!.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["get", "parameters", "post"], paths.Child("/api/v1/namespaces")!.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["parameters", "post"], paths.Child("/api/v1/namespaces/{namespace}/bindings")!.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.False(paths.ContainsKey("/api/v1/namespaces/{namespace}/bindings/{name}"));
    }

    [Fact]
    public void Paths_Subresources_TellWhatTheyAnswerWith()
    {
        var paths = Document("apis/apps/v1").Child("paths")!;
        var pods = Document("api/v1").Child("paths")!;

        Assert.Equal("""{"group":"autoscaling","kind":"Scale","version":"v1"}""", Kind(paths, "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", "patch"));
        Assert.Equal("""{"group":"policy","kind":"Eviction","version":"v1"}""", Kind(pods, "/api/v1/namespaces/{namespace}/pods/{name}/eviction", "post"));
        Assert.Equal("connect", pods.Child("/api/v1/namespaces/{namespace}/pods/{name}/exec", "post").Text("x-kubernetes-action"));
        Assert.Equal("get", pods.Child("/api/v1/namespaces/{namespace}/pods/{name}/log", "get").Text("x-kubernetes-action"));
    }

    [Theory]
    [InlineData("apis/apps/v1", "io.k8s.api.core.v1.Container", "env", """{"type":"array","items":{"allOf":[{"$ref":"#/components/schemas/io.k8s.api.core.v1.EnvVar"}]},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"}""")]
    [InlineData("apis/apps/v1", "io.k8s.api.core.v1.Container", "imagePullPolicy", """{"type":"string","enum":["Always","IfNotPresent","Never"]}""")]
    [InlineData("apis/apps/v1", "io.k8s.api.apps.v1.DeploymentSpec", "replicas", """{"type":"integer","format":"int32","default":1}""")]
    [InlineData("apis/apps/v1", "io.k8s.api.apps.v1.DeploymentSpec", "strategy", """{"allOf":[{"$ref":"#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy"}],"default":{},"x-kubernetes-patch-strategy":"retainKeys"}""")]
    [InlineData("apis/apps/v1", "io.k8s.api.core.v1.PodSpec", "nodeSelector", """{"type":"object","additionalProperties":{"type":"string"},"x-kubernetes-map-type":"atomic"}""")]
    [InlineData("apis/apps/v1", "io.k8s.api.core.v1.PodSpec", "volumes", """{"type":"array","items":{"allOf":[{"$ref":"#/components/schemas/io.k8s.api.core.v1.Volume"}]},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge,retainKeys"}""")]
    [InlineData("api/v1", "io.k8s.api.core.v1.Secret", "data", """{"type":"object","additionalProperties":{"type":"string","format":"byte"}}""")]
    [InlineData("apis/policy/v1", "io.k8s.api.policy.v1.PodDisruptionBudgetSpec", "minAvailable", """{"allOf":[{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString"}]}""")]
    public void Schemas_Field_CarriesWhatClientsMergeBy(string path, string type, string field, string expected)
    {
        var written = (JsonObject)Document(path).Child("components", "schemas", type, "properties", field)!.DeepClone();
        written.Remove("description");
        Assert.Equal(expected, written.ToJsonString());
    }

    [Fact]
    public void Schemas_Roots_NameTheirKind()
    {
        var schemas = Document("apis/apps/v1").Child("components", "schemas")!;

        Assert.Equal("""[{"group":"apps","kind":"Deployment","version":"v1"}]""", schemas.Child("io.k8s.api.apps.v1.Deployment")!["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Equal("atomic", schemas.Child("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector").Text("x-kubernetes-map-type"));
        Assert.Equal("""["selector","template"]""", schemas.Child("io.k8s.api.apps.v1.DeploymentSpec")!["required"]!.ToJsonString());
    }

    [Fact]
    public void Hash_OtherServedKinds_IsAnother()
    {
        var fewer = new OpenApiDocuments([.. Served.Where(k => k.Kind != "DaemonSet")], KubeSchema.Default);

        Assert.NotEqual(Documents.Find("apis/apps/v1")!.Hash, fewer.Find("apis/apps/v1")!.Hash);
        Assert.Equal(Documents.Find("api/v1")!.Hash, fewer.Find("api/v1")!.Hash);
        Assert.Matches("^[0-9A-F]{128}$", Documents.Find("api/v1")!.Hash);
    }

    private static JsonObject Document(string path) => JsonText.Parse(Documents.Find(path)!.Body, []);

    private static string Kind(JsonObject paths, string path, string method) => paths.Child(path, method)!["x-kubernetes-group-version-kind"]!.ToJsonString();

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject obj => obj.SelectMany(p => p.Key == "$ref" && p.Value?.GetValueKind() == JsonValueKind.String ? [p.Value.AsText()!] : References(p.Value)),
        JsonArray array => array.SelectMany(References),
        _ => [],
    };
}
