using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Objects.Meta;

namespace Sealos.ControllerKit.CustomKinds;

/// <summary>A column of <c>kubectl get</c>.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Type">Such as <c>string</c>, <c>date</c> or <c>integer</c>.</param>
/// <param name="JsonPath">Where the value stands, such as <c>.status.phase</c>.</param>
public sealed record CustomColumn(string Name, string Type, string JsonPath);

/// <summary>A kind of the cloud's own: what its CustomResourceDefinition says.</summary>
/// <param name="Kind">How it is addressed.</param>
/// <param name="Schema">The OpenAPI v3 schema of spec and status, in JSON.</param>
public sealed record CustomKind(KubeKind Kind, string Schema)
{
    private const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string HashKey = "sealos.io/definition";
    private const int Attempts = 5;

    /// <summary>Columns beside the name.</summary>
    public IReadOnlyList<CustomColumn> Columns { get; init; } = [];

    /// <summary>Fields that a field selector may name, such as <c>.spec.user</c>.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Whether a definition that bears no mark of ours is ours all the same: of a kind that nobody else makes, and that clouds had before there were marks.</summary>
    public bool TakesOver { get; init; }

    /// <summary>
    /// Creates the definition, or brings one up to date that an older version made; it may take a moment until the kind is served.
    /// One that somebody else made under the name, such as the owner of the kind itself, is left alone.
    /// </summary>
    /// <exception cref="ApiException">The API refused.</exception>
    public async Task EnsureAsync(KubeClient client, CancellationToken ct)
    {
        var wanted = Definition();
        try
        {
            await client.PostAsync<JsonObject, JsonObject>(Path, wanted, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            await UpdateAsync(client, wanted, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The definition to write in place of the one that is there; null when that stays as it is.</summary>
    internal JsonObject? Update(JsonObject current, JsonObject wanted)
    {
        var hash = (string?)wanted["metadata"]!["annotations"]![HashKey];
        var had = (string?)current["metadata"]!["annotations"]?[HashKey];
        if (had == hash || (had is null && !TakesOver))
        {
            return null;
        }

        var result = (JsonObject)current.DeepClone();
        var metadata = result["metadata"]!.AsObject();
        metadata["annotations"] ??= new JsonObject();
        metadata["annotations"]![HashKey] = hash;
        result["spec"] = wanted["spec"]!.DeepClone();
        return result;
    }

    /// <summary>The definition as the API takes it.</summary>
    public JsonObject Definition()
    {
        var version = new JsonObject
        {
            ["name"] = Kind.Version,
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = JsonNode.Parse(Schema) },
            ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
            ["additionalPrinterColumns"] = new JsonArray([.. Columns.Select(c => new JsonObject { ["name"] = c.Name, ["type"] = c.Type, ["jsonPath"] = c.JsonPath })]),
        };
        if (SelectableFields.Count > 0)
        {
            version["selectableFields"] = new JsonArray([.. SelectableFields.Select(f => new JsonObject { ["jsonPath"] = f })]);
        }

        var spec = new JsonObject
        {
            ["group"] = Kind.Group,
            ["names"] = new JsonObject { ["kind"] = Kind.Kind, ["listKind"] = Kind.Kind + "List", ["plural"] = Kind.Plural, ["singular"] = Kind.Kind.ToLowerInvariant() },
            ["scope"] = Kind.IsNamespaced ? "Namespaced" : "Cluster",
            ["versions"] = new JsonArray(version),
        };
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{Kind.Plural}.{Kind.Group}",
                ["annotations"] = new JsonObject { [HashKey] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.ToJsonString())))[..16] },
            },
            ["spec"] = spec,
        };
    }

    // The server itself writes a definition's status, so that what was read may be old already.
    private async Task UpdateAsync(KubeClient client, JsonObject wanted, CancellationToken ct)
    {
        var path = $"{Path}/{(string?)wanted["metadata"]!["name"]}";
        for (var attempt = 1; ; attempt++)
        {
            var current = await client.SendAsync<JsonObject>(HttpMethod.Get, path, null, ct).ConfigureAwait(false);
            if (Update(current, wanted) is not { } changed)
            {
                return;
            }

            try
            {
                using var body = new StringContent(JsonSerializer.Serialize(changed), Encoding.UTF8, "application/json");
                await client.SendAsync<JsonObject>(HttpMethod.Put, path, body, ct).ConfigureAwait(false);
                return;
            }
            catch (ApiException e) when (e.IsConflict && attempt < Attempts)
            {
            }
        }
    }
}
