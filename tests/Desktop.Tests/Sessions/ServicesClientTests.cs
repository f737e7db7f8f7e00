using System.Net.Sockets;
using System.Text;
using Sealos.Desktop.Sessions;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Workspaces;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

public sealed class ServicesClientTests : IDisposable
{
    private static readonly ClientInfo From = new("192.0.2.7", "Firefox/140.0");
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-services-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder, "services.sock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ask_SaysWhoAndWhereThePersonIs()
    {
        var (answer, request) = await AskAsync<WorkspaceRequest>("200 OK", "application/json", """{"name":"Harbour"}""");

        Assert.Equal("Harbour", answer.Value!.Name);
        Assert.StartsWith("GET /api/v1/workspaces/a%2Fb HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer the-token", request, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-For: 192.0.2.7", request, StringComparison.Ordinal);
        Assert.Contains("User-Agent: Firefox/140.0", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_WhatIsRefused_SaysWhy()
    {
        var (answer, _) = await AskAsync<WorkspaceRequest>("400 Bad Request", "application/json", """{"error":"The name is too long.","code":"invalid","field":"name"}""");

        Assert.Equal(new Problem("The name is too long.", "invalid", "name"), answer.Problem);
    }

    [Theory]
    [InlineData("502 Bad Gateway", "text/html", "<h1>Bad gateway</h1>")]
    [InlineData("500 Internal Server Error", "application/json", "{}")]
    [InlineData("200 OK", "application/json", "not json")]
    public async Task Ask_WhatNobodyUnderstands_IsTheCloudBeingAway(string status, string type, string body)
    {
        var (answer, _) = await AskAsync<WorkspaceRequest>(status, type, body);

        Assert.Equal(Problem.Away, answer.Problem);
    }

    [Fact]
    public async Task Ask_WithNobodyThere_IsTheCloudBeingAway()
    {
        using var client = new ServicesClient(SocketPath);

        Assert.Equal(Problem.Away, (await client.AskAsync<object>("t", From, HttpMethod.Get, "whoami", null, Ct)).Problem);
    }

    // Answers one request, and returns what was asked.
    private async Task<(Answer<T> Answer, string Request)> AskAsync<T>(string status, string type, string body)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        using var client = new ServicesClient(SocketPath);
        var asking = client.AskAsync<T>("the-token", From, HttpMethod.Get, "workspaces/a%2Fb", null, Ct);
        using var connection = await listener.AcceptAsync(Ct);
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            request.Append(Encoding.ASCII.GetString(buffer, 0, await connection.ReceiveAsync(buffer, Ct)));
        }

        await connection.SendAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"), Ct);
        return (await asking, request.ToString());
    }
}
