using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Authentication;
using Xunit;

namespace Sealos.ApiServer.Tests.Authentication;

public sealed class AuthenticatorTests : IDisposable
{
    private readonly TokenFixture _tokens = new();
    private readonly TestCertificates _certificates;
    private readonly Authenticator _authenticator;

    public AuthenticatorTests()
    {
        _certificates = new TestCertificates(_tokens.Time);
        _authenticator = new Authenticator(new ClientCertificateAuthenticator([_certificates.Authority], _tokens.Time), _tokens.Authenticator);
    }

    public void Dispose() => _tokens.Dispose();

    private string Token => _tokens.Issuer.Issue(TokenFixture.Robot).Token;

    private static HeaderDictionary Bearer(string value) => new() { ["Authorization"] = value };

    private static HeaderDictionary WebSocket(params string[] protocols) =>
        new() { ["Upgrade"] = "websocket", ["Sec-WebSocket-Protocol"] = string.Join(", ", protocols) };

    private static string Encoded(string token) => "base64url.bearer.authorization.k8s.io." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token));

    [Fact]
    public void Authenticate_NoCredential_IsAnonymous()
    {
        var user = _authenticator.Authenticate(new HeaderDictionary(), null)!;
        Assert.Equal("system:anonymous", user.Name);
        Assert.Equal(["system:unauthenticated"], user.Groups);
    }

    [Fact]
    public void Authenticate_Certificate_GetsTheAuthenticatedGroup()
    {
        using var certificate = _certificates.Issue("O=devs, CN=alice");
        Assert.Equal(["devs", "system:authenticated"], _authenticator.Authenticate(new HeaderDictionary(), certificate)!.Groups);
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("bearer  ")]
    [InlineData("Basic YTpi")]
    [InlineData("token")]
    public void Authenticate_NoBearerToken_IsAnonymous(string header) =>
        Assert.Equal(UserInfo.Anonymous, _authenticator.Authenticate(Bearer(header), null));

    [Fact]
    public void Authenticate_Bearer_IsTakenOutOfTheHeaders()
    {
        var headers = Bearer($"bEARER {Token}");
        var user = _authenticator.Authenticate(headers, null)!;
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:t1", "system:authenticated"], user.Groups);
        Assert.Empty(headers);
    }

    [Fact]
    public void Authenticate_WrongCredential_IsRefusedNotAnonymous()
    {
        using var foreign = new TestCertificates(_tokens.Time).Issue("CN=alice");
        Assert.Null(_authenticator.Authenticate(Bearer("Bearer zz"), null));
        Assert.Null(_authenticator.Authenticate(new HeaderDictionary(), foreign));
        Assert.Null(_authenticator.Authenticate(Bearer("Bearer zz"), foreign));
        Assert.NotNull(_authenticator.Authenticate(Bearer($"Bearer {Token}"), foreign));
    }

    [Fact]
    public void Authenticate_WebSocketProtocol_CarriesAToken()
    {
        var headers = WebSocket("v5.channel.k8s.io", Encoded(Token), "v4.channel.k8s.io");
        Assert.Equal("system:serviceaccount:t1:robot", _authenticator.Authenticate(headers, null)!.Name);
        Assert.Equal("v5.channel.k8s.io, v4.channel.k8s.io", headers["Sec-WebSocket-Protocol"].ToString());
    }

    [Fact]
    public void Authenticate_BadWebSocketToken_IsRefused()
    {
        Assert.Null(_authenticator.Authenticate(WebSocket("v5.channel.k8s.io", Encoded("zz")), null));
        Assert.Null(_authenticator.Authenticate(WebSocket(Encoded(Token)), null));
        Assert.Null(_authenticator.Authenticate(WebSocket("v5.channel.k8s.io", Encoded(Token), Encoded("zz")), null));
        Assert.Null(_authenticator.Authenticate(WebSocket("v5.channel.k8s.io", "base64url.bearer.authorization.k8s.io.!"), null));
        Assert.Null(_authenticator.Authenticate(WebSocket("v5.channel.k8s.io", "base64url.bearer.authorization.k8s.io."), null));
        Assert.Equal(UserInfo.Anonymous, _authenticator.Authenticate(WebSocket("v5.channel.k8s.io"), null));
    }
}
