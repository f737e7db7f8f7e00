using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.OsServices.SignIn;

/// <summary>What the services' API answered; a failure to reach it counts as status 503.</summary>
public sealed record ServicesReply(HttpStatusCode Status, JsonNode? Body)
{
    /// <summary>Whether it was done.</summary>
    public bool IsDone => (int)Status is >= 200 and < 300;

    /// <summary>Why it was refused, in one sentence.</summary>
    public string Problem => (string?)Body?["error"] ?? "The cloud does not answer at the moment. Try again shortly.";

    /// <summary>A text of the answer.</summary>
    public string Text(string name) => (string?)Body?[name] ?? "";
}

/// <summary>Other requests of people, which are passed on as they are.</summary>
public sealed partial class SignInClient
{
    /// <summary>Asks <c>/api/v1/PATH</c> with a person's own credential, or as a stranger without one.</summary>
    public async Task<ServicesReply> SendAsync(HttpMethod method, string path, object? body, string? token, ClientInfo from, CancellationToken ct)
    {
        try
        {
            using var message = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
            message.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            message.Headers.TryAddWithoutValidation("X-Forwarded-For", from.Address);
            message.Headers.TryAddWithoutValidation("User-Agent", ClientInfo.Clean(from.UserAgent));
            using var response = await _http.SendAsync(message, ct).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(ct).ConfigureAwait(false);
            return new ServicesReply(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new ServicesReply(HttpStatusCode.ServiceUnavailable, null);
        }
    }
}
