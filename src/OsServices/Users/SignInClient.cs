using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Sealos.OsServices.Users;

/// <summary>
/// Signs people in from another process, through the services' own API on a Unix socket. Whoever faces strangers holds this
/// and not the right to issue credentials: it gets a user's credential only against the user's password.
/// </summary>
public sealed class SignInClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>A client of the API that listens on <paramref name="socketPath"/>.</summary>
    public SignInClient(string socketPath) => _http = new HttpClient(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), ct).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://services"),
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>Asks for a session.</summary>
    public async Task<(SignInOutcome Outcome, SignInGrant? Grant)> SignInAsync(SignInRequest request, CancellationToken ct)
    {
        try
        {
            using var response = await _http.PostAsJsonAsync(UsersEndpoints.SignInPath, request, ct).ConfigureAwait(false);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => (SignInOutcome.Granted, await response.Content.ReadFromJsonAsync<SignInGrant>(ct).ConfigureAwait(false)),
                HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest => (SignInOutcome.Denied, null),
                HttpStatusCode.TooManyRequests => (SignInOutcome.TooMany, null),
                _ => (SignInOutcome.Unavailable, null),
            };
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return (SignInOutcome.Unavailable, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
