using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.SignUp;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// Signs people in from another process, through the services' own API on a Unix socket. Whoever faces strangers holds this
/// and not the right to issue credentials: it gets a user's credential only against the user's password.
/// </summary>
public sealed partial class SignInClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>A client of the API that listens on <paramref name="socketPath"/>.</summary>
    public SignInClient(string socketPath) => _http = new HttpClient(ServicesSocket.HandlerOf(socketPath))
    {
        BaseAddress = new Uri("http://services"),
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>Asks for a session; <paramref name="from"/> is where the person is, which the session shows and attempts are counted by.</summary>
    public Task<SignInAnswer> SignInAsync(SignInRequest request, ClientInfo from, CancellationToken ct) => AskAsync(SignInEndpoints.SignInPath, JsonContent.Create(request), from, ct);

    /// <summary>By what ways people get in; null when the cloud does not answer.</summary>
    public async Task<WaysIntoCloud?> WaysAsync(CancellationToken ct)
    {
        try
        {
            return await _http.GetFromJsonAsync<WaysIntoCloud>(WaysEndpoints.Path, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Makes a user of who says a name and a password.</summary>
    public Task<SignInAnswer> SignUpAsync(SignUpRequest request, ClientInfo from, CancellationToken ct) => AskAsync(SignUpEndpoints.Path, JsonContent.Create(request), from, ct);

    /// <summary>Takes the second step.</summary>
    public Task<SignInAnswer> SecondFactorAsync(SecondFactorRequest request, ClientInfo from, CancellationToken ct) =>
        AskAsync(SignInEndpoints.SecondFactorPath, JsonContent.Create(request), from, ct);

    private async Task<SignInAnswer> AskAsync(string path, JsonContent body, ClientInfo from, CancellationToken ct)
    {
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
            message.Headers.TryAddWithoutValidation("X-Forwarded-For", from.Address);
            message.Headers.TryAddWithoutValidation("User-Agent", ClientInfo.Clean(from.UserAgent));
            using var response = await _http.SendAsync(message, ct).ConfigureAwait(false);
            var refusal = response.IsSuccessStatusCode ? null : await ReadRefusalAsync(response, ct).ConfigureAwait(false);
            var answer = response.StatusCode switch
            {
                HttpStatusCode.OK => new SignInAnswer(SignInOutcome.Granted) { Grant = await response.Content.ReadFromJsonAsync<SignInGrant>(ct).ConfigureAwait(false) },
                HttpStatusCode.Accepted => Ask((await response.Content.ReadFromJsonAsync<SignInStep>(ct).ConfigureAwait(false))!),
                HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest => new SignInAnswer(SignInOutcome.Denied),
                HttpStatusCode.Forbidden => new SignInAnswer(SignInOutcome.Locked),
                HttpStatusCode.Gone => new SignInAnswer(SignInOutcome.Expired),
                HttpStatusCode.TooManyRequests => new SignInAnswer(SignInOutcome.TooMany),
                HttpStatusCode.Conflict => new SignInAnswer(SignInOutcome.Denied),
                _ => new SignInAnswer(SignInOutcome.Unavailable),
            };
            return answer with { Refusal = refusal };
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new SignInAnswer(SignInOutcome.Unavailable);
        }
    }

    private static SignInAnswer Ask(SignInStep step) => new(step.IsSetUp ? SignInOutcome.NeedsSetUp : SignInOutcome.NeedsCode) { Step = step };

    private static async Task<ServiceError?> ReadRefusalAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<ServiceError>(ct).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Ends the session that a token is of; false when the cloud does not answer, and the session ends by itself later.</summary>
    public async Task<bool> SignOutAsync(string token, CancellationToken ct)
    {
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, SessionsEndpoints.SignOutPath);
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.SendAsync(message, ct).ConfigureAwait(false);
            return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Unauthorized;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
