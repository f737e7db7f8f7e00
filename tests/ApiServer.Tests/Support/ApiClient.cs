using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>An answer: its code, its headers, its body.</summary>
public sealed record ApiAnswer(int Code, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonObject Json => (JsonObject)JsonNode.Parse(Bytes, documentOptions: new System.Text.Json.JsonDocumentOptions { MaxDepth = 512 })!;

    public string? Message => Json["message"]?.GetValue<string>();

    public string? Reason => Json["reason"]?.GetValue<string>();

    public IReadOnlyList<string> Warnings => Headers.TryGetValues("Warning", out var values) ? [.. values] : [];

    /// <summary>A value by its dotted path, as compact JSON; null when absent.</summary>
    public string? At(string path)
    {
        JsonNode? node = Json;
        foreach (var part in path.Split('.'))
        {
            node = int.TryParse(part, out var index) ? node?[index] : node?[part];
        }

        return node?.ToJsonString().Trim('"');
    }

    public ApiAnswer Expect(int code) => Code == code ? this : throw new InvalidOperationException($"expected {code}, got {Code}: {Text}");
}

/// <summary>Talks to the server in raw HTTP, as the tests want to see exactly what comes.</summary>
public sealed class ApiClient(HttpClient http) : IDisposable
{
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicPatch = "application/strategic-merge-patch+json";
    public const string JsonPatch = "application/json-patch+json";
    public const string ApplyPatch = "application/apply-patch+yaml";

    private static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;

    public HttpClient Http => http;

    public Task<ApiAnswer> GetAsync(string path, string? accept = null) => SendAsync(HttpMethod.Get, path, null, accept: accept);

    public Task<ApiAnswer> PostAsync(string path, string body, string type = "application/json") => SendAsync(HttpMethod.Post, path, body, type);

    public Task<ApiAnswer> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, body);

    public Task<ApiAnswer> PatchAsync(string path, string body, string type = MergePatch) => SendAsync(HttpMethod.Patch, path, body, type);

    public Task<ApiAnswer> DeleteAsync(string path, string? body = null) => SendAsync(HttpMethod.Delete, path, body);

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, string? body, string type = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path) { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return await SendAsync(request);
    }

    public async Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request, Token);
        return new ApiAnswer((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsByteArrayAsync(Token));
    }

    /// <summary>Makes a namespace of a random name.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        var created = await PostAsync("/api/v1/namespaces", """{"metadata":{"generateName":"t-"}}""");
        return created.Expect(201).At("metadata.name")!;
    }

    /// <summary>The events of a watch, each as it comes, until the server ends it.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(string path, string? accept = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Token);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(either.Token));
        while (await reader.ReadLineAsync(either.Token) is { } line)
        {
            yield return (JsonObject)JsonNode.Parse(line)!;
        }
    }

    /// <summary>Reads a watch into a list, in short form: type, name, value of one path.</summary>
    public async Task<List<string>> CollectAsync(string path, int count, string show = "metadata.name")
    {
        var seen = new List<string>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await foreach (var change in WatchAsync(path, cancellationToken: deadline.Token))
        {
            JsonNode? node = change["object"];
            foreach (var part in show.Split('.'))
            {
                node = node?[part];
            }

            seen.Add($"{change["type"]} {node}");
            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }

    public void Dispose() => http.Dispose();
}
