using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Client;
using Sealos.Desktop;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

/// <summary>The desktop's server as the gateway meets it, without a cloud behind it.</summary>
public sealed class DesktopServerTests : IAsyncLifetime
{
    private const string Origin = "https://cloud.example";
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-desktop-").FullName;
    private readonly DesktopComponent _desktop;
    private readonly HttpClient _browser;

    public DesktopServerTests()
    {
        _desktop = DesktopIn(_folder, "nobody.sock");
        _browser = BrowserOf(Path.Combine(_folder, "desktop.sock"));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A desktop with its files in a folder, and the services at a socket there.</summary>
    internal static DesktopComponent DesktopIn(string folder, string services) => new(
        new DesktopOptions
        {
            SocketPath = Path.Combine(folder, "desktop.sock"),
            ServicesSocketPath = Path.Combine(folder, services),
            KeyFolder = Path.Combine(folder, "keys"),
            Domain = "cloud.example",
            AddressOf = host => $"https://{host}",
            Api = new KubeConfig { Server = new Uri("https://127.0.0.1:1") },
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);

    /// <summary>Reaches a desktop as the gateway does.</summary>
    internal static HttpClient BrowserOf(string socket) => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = async (_, ct) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), ct);
                return new NetworkStream(connection, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://cloud.example"),
            DefaultRequestHeaders = { { "X-Forwarded-Proto", "https" }, { "X-Forwarded-For", "192.0.2.7" } },
        };

    public async ValueTask InitializeAsync() => await _desktop.StartAsync(Ct);

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _desktop.StopAsync(CancellationToken.None);
        await _desktop.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/launchpad/app/web")]
    [InlineData("/passkeys")]
    [InlineData("/identities")]
    [InlineData("/device?code=BCDF-GHJK")]
    public async Task Page_WithoutASession_AsksToSignInAndComesBack(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };
        using var answer = await _browser.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal($"{Origin}/sign-in?next={Uri.EscapeDataString(path)}", answer.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("/streams/logs/web?follow=true&timestamps=false")]
    [InlineData("/_blazor/initializers")]
    public async Task Data_WithoutASession_IsRefused(string path)
    {
        using var answer = await _browser.GetAsync(path, Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("https://evil.example")]
    [InlineData("http://cloud.example")]
    [InlineData("https://cloud.example.evil.example")]
    public async Task Post_FromAnotherOrigin_IsRefused(string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent([]) };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await _browser.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("/sign-in/passkey", Origin, HttpStatusCode.ServiceUnavailable)]
    [InlineData("/sign-in/passkey", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("/sign-in/set-up/passkey", Origin, HttpStatusCode.ServiceUnavailable)]
    [InlineData("/sign-in/set-up/passkey", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("/passkeys/new", Origin, HttpStatusCode.Unauthorized)]
    [InlineData("/passkeys/new/start", Origin, HttpStatusCode.Unauthorized)]
    [InlineData("/passkeys/confirm", Origin, HttpStatusCode.Unauthorized)]
    [InlineData("/passkeys/confirm/start", Origin, HttpStatusCode.Unauthorized)]
    public async Task Passkey_IsTakenFromTheDesktopsOwnPagesAlone_AndANewOneOfASession(string path, string origin, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Origin", origin } }, Content = new StringContent("no JSON") };
        using var answer = await _browser.SendAsync(request, Ct);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task SetUp_LookedAtWithoutAStep_LeadsToSignIn()
    {
        using var answer = await _browser.GetAsync("/sign-in/set-up", Ct);

        Assert.Equal("/sign-in", answer.Headers.Location?.ToString().Replace(Origin, "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SignOut_OfASessionThatRanOut_LeadsToSignIn()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-out") { Headers = { { "Origin", Origin } }, Content = new FormUrlEncodedContent([]) };
        using var answer = await _browser.SendAsync(request, Ct);

        Assert.Equal("/sign-in", answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Stream_AskedForByAnotherPage_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/streams/logs/web?follow=true&timestamps=false") { Headers = { { "Sec-Fetch-Site", "same-site" } } };
        using var answer = await _browser.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task WebSocket_FromAnotherOrigin_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor")
        {
            Headers = { { "Origin", "https://evil.example" }, { "Connection", "Upgrade" }, { "Upgrade", "websocket" }, { "Sec-WebSocket-Version", "13" }, { "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==" } },
        };
        using var answer = await _browser.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task SignInPage_SaysHowBrowsersMayUseIt()
    {
        using var answer = await _browser.GetAsync("/sign-in", Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("script-src 'self';", Header(answer, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", Header(answer, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.All(answer.Headers.GetValues("Set-Cookie"), c =>
        {
            Assert.StartsWith("__Host-", c, StringComparison.Ordinal);
            Assert.Contains("secure", c, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("path=/", c, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("domain=", c, StringComparison.OrdinalIgnoreCase);
        });
        Assert.DoesNotContain("<script>", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_WhileTheCloudIsAway_SaysSo()
    {
        var page = await SignInAsync("admin", "x");

        Assert.Contains("does not answer", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ManyTimes_HasToWait()
    {
        for (var i = 0; i < 30; i++)
        {
            await SignInAsync("admin", "x");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Headers = { { "Origin", Origin } }, Content = new FormUrlEncodedContent([]) };
        using var answer = await _browser.SendAsync(request, Ct);

        Assert.Equal("/sign-in?wait=true", answer.Headers.Location?.ToString());
        using var other = new HttpRequestMessage(HttpMethod.Get, "/sign-in?wait=true");
        using var page = await _browser.SendAsync(other, Ct);
        Assert.Contains("Too many attempts", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_AreKeptForEverUnderTheirHash()
    {
        var page = await _browser.GetStringAsync("/sign-in", Ct);
        var url = page.Split("href=\"").Select(p => p.Split('"')[0]).First(p => p.StartsWith("/files/tokens.css", StringComparison.Ordinal));

        using var answer = await _browser.GetAsync(url, Ct);
        Assert.Equal("text/css", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(answer.Headers.CacheControl!.Extensions, e => e.Name == "immutable");

        using var missing = await _browser.GetAsync("/files/../appsettings.json", Ct);
        Assert.NotEqual(HttpStatusCode.OK, missing.StatusCode);
    }

    [Theory]
    [InlineData("/files/blazor.web.js", "text/javascript")]
    [InlineData("/files/fonts/inter-latin.woff2", "font/woff2")]
    [InlineData("/files/icon.svg", "image/svg+xml")]
    public async Task Files_ThePageNeeds_AreThere(string path, string type)
    {
        using var answer = await _browser.GetAsync(path, Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(',', answer.Headers.GetValues(name));

    /// <summary>Fills in the page's form as a browser would.</summary>
    private async Task<string> SignInAsync(string user, string password)
    {
        using var form = await _browser.GetAsync("/sign-in", Ct);
        var page = await form.Content.ReadAsStringAsync(Ct);
        var token = page.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Headers = { { "Origin", Origin }, { "Cookie", form.Headers.GetValues("Set-Cookie").First().Split(';')[0] } },
            Content = new FormUrlEncodedContent([new("_handler", "sign-in"), new("__RequestVerificationToken", token), new("Input.User", user), new("Input.Password", password)]),
        };
        using var answer = await _browser.SendAsync(request, Ct);
        return await answer.Content.ReadAsStringAsync(Ct);
    }
}
