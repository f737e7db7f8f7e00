using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Identities;

namespace Sealos.OsServices.SignIn;

/// <summary>What was asked for, or why there is none; neither where the cloud does not answer.</summary>
public sealed record Reply<T>(T? Value, ServiceError? Refusal)
    where T : class;

/// <content>Outside identities: the browser's part of them is the desktop's.</content>
public sealed partial class SignInClient
{
    /// <summary>Begins to prove who somebody is elsewhere.</summary>
    public Task<Reply<IdentityStart>> StartIdentityAsync(string provider, string next, ClientInfo from, CancellationToken ct) =>
        PostAsync<IdentityStart>($"{OutsideIdentityEndpoints.Path}/{Uri.EscapeDataString(provider)}/start", new IdentityRequest(next), null, from, ct);

    /// <summary>Goes on with what came back.</summary>
    public Task<Reply<IdentityOutcome>> FinishIdentityAsync(IdentityCallback back, ClientInfo from, CancellationToken ct) =>
        PostAsync<IdentityOutcome>(OutsideIdentityEndpoints.FinishPath, back, null, from, ct);

    /// <summary>Makes a user of somebody whom a provider knows.</summary>
    public Task<SignInAnswer> SignUpIdentityAsync(IdentitySignUpRequest request, ClientInfo from, CancellationToken ct) =>
        AskAsync(OutsideIdentityEndpoints.SignUpPath, JsonContent.Create(request), from, ct);

    /// <summary>Begins to link an identity to who has a session.</summary>
    public Task<Reply<IdentityStart>> LinkIdentityAsync(string token, string provider, string next, ClientInfo from, CancellationToken ct) =>
        PostAsync<IdentityStart>($"{OutsideIdentityEndpoints.AccountPath}/{Uri.EscapeDataString(provider)}/link", new IdentityRequest(next), token, from, ct);

    private async Task<Reply<T>> PostAsync<T>(string path, object body, string? token, ClientInfo from, CancellationToken ct)
        where T : class
    {
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType()) };
            message.Headers.TryAddWithoutValidation("X-Forwarded-For", from.Address);
            message.Headers.TryAddWithoutValidation("User-Agent", ClientInfo.Clean(from.UserAgent));
            message.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.SendAsync(message, ct).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? new Reply<T>(await response.Content.ReadFromJsonAsync<T>(ct).ConfigureAwait(false), null)
                : new Reply<T>(null, await ReadRefusalAsync(response, ct).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new Reply<T>(null, null);
        }
    }
}
