using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices_Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(Sealos.OsServices_Tests.SignIn.SignInCloud))]

namespace Sealos.OsServices_Tests.SignIn;

/// <summary>A real API server with the services' API before it, shared by tests that run side by side.</summary>
public class SignInCloud : IAsyncLifetime
{
    public const string Password = "Vnw3-lanternfish-quarry";

    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-sign-in-").FullName;
    private TestApi _api = null!;
    private ServicesApi _services = null!;

    public KubeClient Client => _api.Client;

    /// <summary>Everything that was logged.</summary>
    public KeptLog Log { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        _api = await TestApi.StartAsync(ct);
        _services = new ServicesApi(new ServicesApiOptions { SocketPath = Path.Combine(_folder, "services.sock"), Console = new Uri("https://cloud.example:8443") }, Client, Time, Log);
        await _services.StartAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        await _api.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected ShiftedTime Time { get; } = new();

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Makes a person with <see cref="Password"/>, as the users' part makes them.</summary>
    public async Task<string> MakeUserAsync(CancellationToken ct, string? hash = null)
    {
        var user = "u" + Guid.NewGuid().ToString("N")[..12];
        await Client.CreateAsync(new User { Metadata = new ObjectMeta { Name = user } }, ct);
        await Client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = user, Namespace = UserDirectory.AccountsNamespace, Labels = new() { [UserKeys.Owner] = user } } }, ct);
        await Client.CreateAsync(UsersObjects.Password(user, hash ?? PasswordHash.Create(Password)), ct);
        return user;
    }

    /// <summary>Asks the services' API, from an address of its own for each user so that tests do not count against each other.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? token, CancellationToken ct, string address = "")
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_folder, "services.sock")), stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(method, "http://services/api/v1/" + path) { Content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body)) };
        request.Headers.ExpectContinue = body is LateBody;
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation("User-Agent", "test/1.0");
        if (address.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        }

        using var response = await http.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        return new Answer(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public Task<Answer> PostAsync(string path, object? body, string? token, CancellationToken ct) => SendAsync(HttpMethod.Post, path, body, token, ct);

    /// <summary>The token of a new session.</summary>
    public async Task<string> SignInAsync(string user, CancellationToken ct, string password = Password)
    {
        var answer = await PostAsync("sign-in", new { user, password }, null, ct);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Text("token");
    }

    /// <summary>A token of a user that is of no session, as kubeconfigs hold.</summary>
    public Task<string> IssueAsync(string user, CancellationToken ct) => _api.IssueAsync(UserDirectory.AccountsNamespace, user, ct);

    /// <summary>Whether the API server takes a token.</summary>
    public async Task<bool> IsTakenAsync(string token, CancellationToken ct)
    {
        using var client = new KubeClient(new KubeConfig { Server = Client.Config.Server, CertificateAuthorityPem = Client.Config.CertificateAuthorityPem, Token = token });
        try
        {
            await client.SendAsync<JsonNode>(HttpMethod.Get, "/version", null, ct);
            await client.SendAsync<JsonNode>(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", new StringContent("""{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""", Encoding.UTF8, "application/json"), ct);
            return true;
        }
        catch (ApiException e) when (e.Code == 401)
        {
            return false;
        }
    }

    public sealed record Answer(HttpStatusCode Status, JsonNode? Body)
    {
        public string Text(string name) => (string)Body![name]!;

        public string Code => Text("code");
    }

    protected sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _shift));
    }
}

/// <summary>Keeps every line that is logged, with what was thrown.</summary>
public sealed class KeptLog : ILoggerFactory, ILogger
{
    private readonly StringBuilder _text = new();

    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("there is one provider");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_text)
        {
            _text.Append(formatter(state, exception)).Append(' ').Append(exception).Append('\n');
        }
    }

    public void Dispose()
    {
    }
}
