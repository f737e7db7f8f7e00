using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>Why something was not done, in words; the code is for programs and the field for forms.</summary>
internal sealed record Problem(string Text, string Code = "", string? Field = null)
{
    public const string NeedsConfirmation = "confirm";
    public const string HasEnded = "not-signed-in";

    public static Problem Away { get; } = new("The cloud does not answer at the moment. Try again shortly.", "unavailable");
}

/// <summary>What the services answered: what was asked for, or why not.</summary>
internal sealed record Answer<T>(T? Value, Problem? Problem)
{
    /// <summary>The answer's status; what nobody answers counts as unavailable.</summary>
    public HttpStatusCode Status { get; init; } = HttpStatusCode.ServiceUnavailable;
}

/// <summary>What an attempt to get in came to: a session, a step to be taken before, or neither and why.</summary>
internal sealed record EntryAnswer(SignInGrant? Grant, SignInStep? Step, Problem? Problem);

/// <summary>
/// The services' own API, asked with a person's credential or as a stranger. Whoever faces strangers holds this and not the right to issue
/// credentials: it gets a user's credential only against what proves that it is them.
/// </summary>
internal sealed class ServicesClient : IDisposable
{
    // The end of a workspace takes its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    private const int LargestAnswer = 4 * 1024 * 1024;

    private readonly HttpClient _http;

    public ServicesClient(string socketPath) => _http = new HttpClient(ServicesSocket.HandlerOf(socketPath))
    {
        BaseAddress = new Uri("http://services/api/v1/"),
        Timeout = Patience,
        MaxResponseContentBufferSize = LargestAnswer,
    };

    /// <summary>Asks as the person whose session a page without a circuit is opened with.</summary>
    public Task<Answer<T>> AskAsync<T>(HttpContext context, HttpMethod method, string path, object? body = null) =>
        AskAsync<T>(SessionCookie.Read(context.User)?.Token, SessionCookie.ClientOf(context), method, path, body, context.RequestAborted);

    /// <summary>Asks as somebody of whom nothing is known but where they are.</summary>
    public Task<Answer<T>> AskAsStrangerAsync<T>(HttpContext context, HttpMethod method, string path, object? body = null) =>
        AskAsync<T>(null, SessionCookie.ClientOf(context), method, path, body, context.RequestAborted);

    /// <summary>Asks for a session, by any of the ways there are.</summary>
    public async Task<EntryAnswer> EnterAsync(HttpContext context, string path, object body)
    {
        var answer = await AskAsStrangerAsync<JsonObject>(context, HttpMethod.Post, path, body).ConfigureAwait(false);
        return answer.Status switch
        {
            _ when answer.Problem is not null => new EntryAnswer(null, null, answer.Problem),
            HttpStatusCode.Accepted => new EntryAnswer(null, answer.Value.Deserialize<SignInStep>(JsonSerializerOptions.Web), null),
            _ => new EntryAnswer(answer.Value.Deserialize<SignInGrant>(JsonSerializerOptions.Web), null, null),
        };
    }

    /// <summary>By what ways people get in; null when the cloud does not answer.</summary>
    public async Task<WaysIntoCloud?> WaysAsync(HttpContext context) => (await AskAsStrangerAsync<WaysIntoCloud>(context, HttpMethod.Get, "sign-in/ways").ConfigureAwait(false)).Value;

    /// <summary>
    /// Asks for <paramref name="path"/> below <c>/api/v1/</c>, without a token as a stranger; <paramref name="from"/> is where the person is,
    /// which attempts are counted by.
    /// </summary>
    public async Task<Answer<T>> AskAsync<T>(string? token, ClientInfo from, HttpMethod method, string path, object? body, CancellationToken ct)
    {
        try
        {
            using var message = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
            message.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            message.Headers.TryAddWithoutValidation("X-Forwarded-For", from.Address);
            message.Headers.TryAddWithoutValidation("User-Agent", ClientInfo.Clean(from.UserAgent));
            using var response = await _http.SendAsync(message, ct).ConfigureAwait(false);
            var answer = response.IsSuccessStatusCode
                ? new Answer<T>(await ReadAsync<T>(response.Content, ct).ConfigureAwait(false), null)
                : new Answer<T>(default, await ProblemOfAsync(response, ct).ConfigureAwait(false));
            return answer with { Status = response.StatusCode };
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new Answer<T>(default, Problem.Away);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<T?> ReadAsync<T>(HttpContent content, CancellationToken ct)
    {
        if (typeof(T) == typeof(string))
        {
            return (T)(object)await content.ReadAsStringAsync(ct).ConfigureAwait(false);
        }

        // Nothing is said with "204 No Content".
        return content.Headers.ContentLength is 0 || content.Headers.ContentType is null ? default : await content.ReadFromJsonAsync<T>(ct).ConfigureAwait(false);
    }

    private static async Task<Problem> ProblemOfAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json"
            || await response.Content.ReadFromJsonAsync<ServiceError>(ct).ConfigureAwait(false) is not { Error.Length: > 0 } error)
        {
            return Problem.Away;
        }

        return new Problem(error.Code == Problem.HasEnded ? "Your session has ended. Sign out and in again." : error.Error, error.Code, error.Field);
    }
}
