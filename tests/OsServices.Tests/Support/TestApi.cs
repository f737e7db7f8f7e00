using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ApiServer;
using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;
using Sealos.KubeControllers;
using Sealos.OsServices;
using Sealos.OsServices.Users;

namespace Sealos.OsServices_Tests.Support;

/// <summary>The real API server, Kubernetes' controllers, component users and the services' own API, all in this process, on an empty store.</summary>
public sealed class TestApi : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-services-").FullName;
    private readonly CertificateAuthority _authority = CertificateAuthority.Create("test", TimeProvider.System);
    private ApiServerComponent? _server;
    private KubeControllersComponent? _controllers;
    private UsersComponent? _users;

    /// <summary>The operator's own client.</summary>
    public KubeClient Client { get; private set; } = null!;

    internal ServicesApi Services { get; private set; } = null!;

    public static async Task<TestApi> StartAsync(CancellationToken ct)
    {
        var api = new TestApi();
        await api.BootAsync(ct);
        return api;
    }

    public async ValueTask DisposeAsync()
    {
        await Services.StopAsync(CancellationToken.None);
        await Services.DisposeAsync();
        await _users!.DisposeAsync();
        await _controllers!.DisposeAsync();
        Client.Dispose();
        await _server!.StopAsync(CancellationToken.None);
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A client of the services' API with a credential, or with none.</summary>
    public HttpClient Open(string? token)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_folder, "services.sock")), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = new Uri("http://services/api/v1/") };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>A credential of an account.</summary>
    public async Task<string> IssueAsync(string ns, string account, CancellationToken ct)
    {
        var issued = await Client.PostAsync<TokenRequest, TokenRequest>(
            ServiceAccount.KubeKind.Path(ns, account, "token"),
            new TokenRequest { ApiVersion = "authentication.k8s.io/v1", Kind = "TokenRequest", Spec = new TokenRequestSpec { ExpirationSeconds = 3600 } },
            ct);
        return issued.Status!.Token!;
    }

    private async Task BootAsync(CancellationToken ct)
    {
        var root = _authority.Pair.CertificatePem;
        var serving = _authority.IssueServer(["localhost"], [IPAddress.Loopback], TimeSpan.FromDays(1)).ToCertificate();
        _server = new ApiServerComponent(
            new ApiServerOptions
            {
                StorePath = Path.Combine(_folder, "store.db"),
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                ServerCertificate = serving,
                ClientAuthorities = [X509Certificate2.CreateFromPem(root)],
                RootCertificatesPem = root,
                ServiceAccountKeyFile = Path.Combine(_folder, "sa.key"),
                KubeletClientCertificate = serving,
                KubeletAuthorities = [X509Certificate2.CreateFromPem(root)],
                UsersNamespace = UserDirectory.AccountsNamespace,
            },
            NullLoggerFactory.Instance);
        await _server.StartAsync(ct);
        var admin = _authority.IssueClient("test", ["system:masters"], TimeSpan.FromDays(1));
        Client = new KubeClient(new KubeConfig
        {
            Server = new Uri($"https://127.0.0.1:{_server.Addresses[0].Port}"),
            CertificateAuthorityPem = root,
            ClientCertificatePem = admin.CertificatePem,
            ClientKeyPem = admin.KeyPem,
        });
        _controllers = new KubeControllersComponent(new KubeControllersOptions { RootCertificatePem = root, Sign = _authority.Sign }, Client, NullLoggerFactory.Instance, TimeProvider.System);
        await _controllers.StartAsync(ct);
        var directory = new UserDirectory(Client);
        await directory.EnsureAdminAsync(ct);
        _users = new UsersComponent(new UsersOptions { Server = Client.Config.Server, CertificateAuthorityPem = root }, Client, TimeProvider.System, NullLoggerFactory.Instance);
        await _users.StartAsync(ct);
        await directory.IsReadyWithinAsync(UserDirectory.AdminName, TimeSpan.FromMinutes(1), TimeProvider.System, ct);
        Services = new ServicesApi(new ServicesApiOptions { SocketPath = Path.Combine(_folder, "services.sock") }, Client, TimeProvider.System, NullLoggerFactory.Instance);
        await Services.StartAsync(ct);
    }
}
