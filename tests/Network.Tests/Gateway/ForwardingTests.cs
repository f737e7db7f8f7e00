using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class ForwardingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Request_OfEitherVersion_ReachesAppWithHostAndForwardedHeaders(string version)
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync(
            string.Join('|', c.Request.Method, c.Request.Path + c.Request.QueryString, c.Request.Host, c.Request.Headers["X-Forwarded-For"], c.Request.Headers["X-Forwarded-Proto"], c.Request.Headers["X-Forwarded-Host"], c.Request.Headers["X-Forwarded-Port"], c.Request.Headers["X-Real-IP"], c.Request.Protocol), Ct));
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        using var client = gateway.CreateClient(Version.Parse(version));

        var text = await client.GetStringAsync($"https://{host}/a/b%20c?x=1&y=%2F", Ct);

        Assert.Equal($"GET|/a/b%20c?x=1&y=%2F|{host}|127.0.0.1|https|{host}|443|127.0.0.1|HTTP/1.1", text);
    }

    [Fact]
    public async Task Headers_ThatConcernTheConnectionOrAreForged_DoNotPass()
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync(string.Join('\n', c.Request.Headers.Select(h => $"{h.Key}: {h.Value}")), Ct));
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        var text = await gateway.SendRawAsync(
            $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: X-Private\r\nX-Private: 1\r\nX-Kept: yes\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-For: 6.6.6.6\r\n"
            + "X_Forwarded_For: 6.6.6.6\r\nX-Forwarded-Prefix: /evil\r\nX-Real-IP: 6.6.6.6\r\nProxy: http://6.6.6.6\r\nTE: trailers\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");

        Assert.Contains("X-Kept: yes", text, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-For: 127.0.0.1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("6.6.6.6", text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", text, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Private", text, StringComparison.Ordinal);
        Assert.DoesNotContain("h2c", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("HTTP2-Settings", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\nKeep-Alive", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nTE:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_OfSeveralMegabytes_IsStreamedBothWays()
    {
        await using var app = await TestBackend.StartAsync(async c =>
        {
            c.Response.Headers["X-Length"] = c.Request.ContentLength?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none";
            await c.Request.Body.CopyToAsync(c.Response.Body, Ct);
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        var body = new byte[5_000_000];
        Random.Shared.NextBytes(body);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = gateway.CreateClient(version);

            using var response = await client.PostAsync($"https://{host}/", new ByteArrayContent(body), Ct);

            Assert.Equal("5000000", response.Headers.GetValues("X-Length").Single());
            Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Ct));
        }
    }

    [Fact]
    public async Task Body_WithoutLength_ReachesAppChunked()
    {
        await using var app = await TestBackend.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            var text = await reader.ReadToEndAsync(Ct);
            await c.Response.WriteAsync($"{c.Request.Headers.TransferEncoding}|{c.Request.ContentLength}|{text}", Ct);
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        using var client = gateway.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{host}/") { Content = new StringContent("piece by piece"), Headers = { TransferEncodingChunked = true } };

        using var response = await client.SendAsync(request, Ct);

        Assert.Equal("chunked||piece by piece", await response.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task Answer_StatusHeadersAndCookies_PassAsTheAppWroteThem()
    {
        await using var app = await TestBackend.StartAsync(c =>
        {
            c.Response.StatusCode = 418;
            c.Response.Headers["X-Name"] = "größe";
            c.Response.Headers.Append("Set-Cookie", "a=1; Path=/");
            c.Response.Headers.Append("Set-Cookie", "b=2; Path=/");
            c.Response.Headers.Connection = "X-Hidden";
            c.Response.Headers["X-Hidden"] = "1";
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        using var client = gateway.CreateClient();

        using var response = await client.GetAsync($"https://{host}/", Ct);

        Assert.Equal(418, (int)response.StatusCode);
        Assert.True(response.Headers.Contains("X-Name"));
        Assert.Equal(["a=1; Path=/", "b=2; Path=/"], response.Headers.GetValues("Set-Cookie"));
        Assert.False(response.Headers.Contains("X-Hidden"));
    }

    [Fact]
    public async Task Cookies_SplitByHttp2_AreJoinedForTheApp()
    {
        await using var app = await TestBackend.StartAsync(c => c.Response.WriteAsync(c.Request.Headers.Cookie.Count + "|" + c.Request.Headers.Cookie, Ct));
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        using var client = gateway.CreateClient(HttpVersion.Version20);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{host}/");
        request.Headers.TryAddWithoutValidation("Cookie", ["a=1", "b=2"]);

        using var response = await client.SendAsync(request, Ct);

        Assert.Equal("1|a=1; b=2", await response.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task ServerSentEvents_ArriveWhileTheAppStillWrites()
    {
        var next = new SemaphoreSlim(0);
        await using var app = await TestBackend.StartAsync(async c =>
        {
            c.Response.ContentType = "text/event-stream";
            await c.Response.Body.FlushAsync(Ct);
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(Ct);
                await c.Response.WriteAsync($"data: {i}\n\n", Ct);
                await c.Response.Body.FlushAsync(Ct);
            }
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = gateway.CreateClient(version);

            using var response = await client.GetAsync($"https://{host}/", HttpCompletionOption.ResponseHeadersRead, Ct);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Ct));

            for (var i = 0; i < 3; i++)
            {
                next.Release();
                Assert.Equal($"data: {i}", await reader.ReadLineAsync(Ct));
                Assert.Equal("", await reader.ReadLineAsync(Ct));
            }

            Assert.Null(await reader.ReadLineAsync(Ct));
        }
    }

    [Fact]
    public async Task Expect_WhenTheAppRefuses_TheBodyIsNeverSent()
    {
        await using var app = await TestBackend.StartAsync(c =>
        {
            c.Response.StatusCode = c.Request.Path == "/refuse" ? 403 : 200;
            return c.Request.Path == "/refuse" ? Task.CompletedTask : c.Request.Body.CopyToAsync(c.Response.Body, Ct);
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);

        var refused = await gateway.SendRawAsync($"POST /refuse HTTP/1.1\r\nHost: {host}\r\nContent-Length: 50000\r\nExpect: 100-continue\r\n\r\n");
        var accepted = await gateway.SendRawAsync($"POST /take HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nhello");

        Assert.StartsWith("HTTP/1.1 403", refused, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200", accepted, StringComparison.Ordinal);
        Assert.EndsWith("hello\r\n0\r\n\r\n", accepted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_AnswersLengthWithoutBody()
    {
        await using var app = await TestBackend.StartAsync(c =>
        {
            c.Response.ContentLength = 1_234;
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        using var client = gateway.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Head, $"https://{host}/");

        using var response = await client.SendAsync(request, Ct);

        Assert.Equal(1_234, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Answer_CutShortByTheApp_IsCutShortForTheClient()
    {
        await using var app = await TestBackend.StartAsync(async c =>
        {
            c.Response.ContentLength = 100;
            await c.Response.WriteAsync("half", Ct);
            await c.Response.Body.FlushAsync(Ct);
            c.Abort();
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = gateway.CreateClient(version);

            await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync($"https://{host}/", Ct));
        }
    }

    [Fact]
    public async Task Client_ThatLeaves_EndsTheRequestAtTheApp()
    {
        var began = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var app = await TestBackend.StartAsync(async c =>
        {
            c.RequestAborted.Register(() => ended.TrySetResult());
            began.SetResult();
            await ended.Task;
        });
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", app.Port);
        using var client = gateway.CreateClient();
        using var leave = new CancellationTokenSource();

        var request = client.GetAsync($"https://{host}/", leave.Token);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await leave.CancelAsync();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Fact]
    public async Task Instances_TakeTurns()
    {
        await using var first = await TestBackend.SayingAsync("1");
        await using var second = await TestBackend.SayingAsync("2");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", first.Port, second.Port);
        using var client = gateway.CreateClient();

        var answers = new StringBuilder();
        for (var i = 0; i < 4; i++)
        {
            answers.Append(await client.GetStringAsync($"https://{host}/", Ct));
        }

        Assert.Contains(answers.ToString(), new[] { "1212", "2121" });
    }

    [Fact]
    public async Task Instance_ThatRefusesConnections_IsReplacedByAnother_EvenWithABody()
    {
        await using var app = await TestBackend.StartAsync(c => c.Request.Body.CopyToAsync(c.Response.Body, Ct));
        var gone = await TestBackend.SayingAsync("");
        await gone.DisposeAsync();
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", gone.Port, app.Port);
        using var client = gateway.CreateClient();
        for (var i = 0; i < 4; i++)
        {
            using var response = await client.PostAsync($"https://{host}/", new StringContent("kept"), Ct);

            Assert.Equal("kept", await response.Content.ReadAsStringAsync(Ct));
        }
    }

    [Fact]
    public async Task Instance_ThatClosesWithARequestInHand_IsReplacedByAnother_WhereNothingIsChangedByAsking()
    {
        var asked = 0;
        await using var leaving = await TestBackend.StartAsync(c =>
        {
            Interlocked.Increment(ref asked);
            c.Abort();
            return Task.CompletedTask;
        });
        await using var app = await TestBackend.SayingAsync("here");
        await using var gateway = await TestGateway.StartAsync();
        var host = gateway.AddApp("web", leaving.Port, app.Port);
        using var client = gateway.CreateClient();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("here", await client.GetStringAsync($"https://{host}/", Ct));
        }

        Assert.InRange(asked, 1, 4);

        // What was sent may have been done.
        var codes = new List<int>();
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.PostAsync($"https://{host}/", new StringContent("order"), Ct);
            codes.Add((int)response.StatusCode);
        }

        Assert.Equal([200, 502], codes.Order());
    }
}
