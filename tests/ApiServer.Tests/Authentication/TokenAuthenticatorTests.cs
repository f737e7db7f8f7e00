using System.Buffers.Text;
using System.Text;
using Sealos.ApiServer.Authentication;
using Xunit;

namespace Sealos.ApiServer.Tests.Authentication;

public class TokenAuthenticatorTests
{
    [Fact]
    public void Authenticate_GoodToken_IsTheServiceAccount()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;

        var identity = fixture.Authenticator.Authenticate(token)!;

        Assert.Equal("system:serviceaccount:t1:robot", identity.User.Name);
        Assert.Equal("sa-uid", identity.User.Uid);
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:t1"], identity.User.Groups);
        Assert.Equal(["https://kubernetes.default.svc.cluster.local"], identity.Audiences);
        var id = TokenFixture.Part(token, 1).GetProperty("jti").GetString();
        Assert.Equal([$"JTI={id}"], identity.User.Extra["authentication.kubernetes.io/credential-id"]);
    }

    [Fact]
    public void Authenticate_PodsToken_NamesPodAndNodeAndDiesWithThePod()
    {
        using var fixture = new TokenFixture();
        fixture.Objects[(BoundKind.Pod, "t1", "p")] = new BoundObject("pod-uid", null);
        var token = fixture.Issuer.Issue(TokenFixture.Robot with { Pod = new("p", "pod-uid"), Node = new("n", "node-uid") }).Token;

        var extra = fixture.Authenticator.Authenticate(token)!.User.Extra;
        Assert.Equal(["p"], extra["authentication.kubernetes.io/pod-name"]);
        Assert.Equal(["pod-uid"], extra["authentication.kubernetes.io/pod-uid"]);
        Assert.Equal(["n"], extra["authentication.kubernetes.io/node-name"]);
        Assert.Equal(["node-uid"], extra["authentication.kubernetes.io/node-uid"]);

        // A stopping pod may still use it for a minute after its time; one of the same name may not.
        fixture.Objects[(BoundKind.Pod, "t1", "p")] = new BoundObject("pod-uid", fixture.Time.Now.AddSeconds(-59));
        Assert.NotNull(fixture.Authenticator.Authenticate(token));
        fixture.Objects[(BoundKind.Pod, "t1", "p")] = new BoundObject("pod-uid", fixture.Time.Now.AddSeconds(-61));
        Assert.Null(fixture.Authenticator.Authenticate(token));
        fixture.Objects[(BoundKind.Pod, "t1", "p")] = new BoundObject("another-uid", null);
        Assert.Null(fixture.Authenticator.Authenticate(token));
        fixture.Objects.Remove((BoundKind.Pod, "t1", "p"));
        Assert.Null(fixture.Authenticator.Authenticate(token));
    }

    [Fact]
    public void Authenticate_ServiceAccountSecretOrNodeGone_IsRefusedAtOnce()
    {
        using var fixture = new TokenFixture();
        fixture.Objects[(BoundKind.Secret, "t1", "s")] = new BoundObject("secret-uid", null);
        fixture.Objects[(BoundKind.Node, null, "n")] = new BoundObject("node-uid", null);
        var bySecret = fixture.Issuer.Issue(TokenFixture.Robot with { Secret = new("s", "secret-uid") }).Token;
        var byNode = fixture.Issuer.Issue(TokenFixture.Robot with { Node = new("n", "node-uid") }).Token;
        Assert.Equal("s", fixture.Authenticator.Authenticate(bySecret)!.User.Extra["authentication.kubernetes.io/secret-name"].Single());
        Assert.NotNull(fixture.Authenticator.Authenticate(byNode));

        fixture.Objects.Remove((BoundKind.Secret, "t1", "s"));
        fixture.Objects.Remove((BoundKind.Node, null, "n"));
        Assert.Null(fixture.Authenticator.Authenticate(bySecret));
        Assert.Null(fixture.Authenticator.Authenticate(byNode));

        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;
        Assert.NotNull(fixture.Authenticator.Authenticate(token));
        fixture.Objects[(BoundKind.ServiceAccount, "t1", "robot")] = new BoundObject("new-uid", null);
        Assert.Null(fixture.Authenticator.Authenticate(token));
    }

    [Fact]
    public void Authenticate_Expired_IsRefusedEvenWhenRemembered()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot with { ExpirationSeconds = 600 }).Token;
        fixture.Time.Now += TimeSpan.FromSeconds(599);
        Assert.NotNull(fixture.Authenticator.Authenticate(token));
        fixture.Time.Now += TimeSpan.FromSeconds(1);
        Assert.Null(fixture.Authenticator.Authenticate(token));
    }

    [Fact]
    public void Authenticate_ClockSetBack_FreshTokenHoldsWithinTheLeeway()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;
        fixture.Time.Now -= TimeSpan.FromSeconds(60);
        Assert.NotNull(fixture.Authenticator.Authenticate(token));
        fixture.Time.Now -= TimeSpan.FromSeconds(1);
        Assert.Null(fixture.Authenticator.Authenticate(token));
    }

    [Fact]
    public void Authenticate_ForAnotherAudience_IsRefusedUnlessAskedFor()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot with { Audiences = ["vault", "db"] }).Token;
        Assert.Null(fixture.Authenticator.Authenticate(token));
        Assert.Equal(["db"], fixture.Authenticator.Authenticate(token, ["x", "db"])!.Audiences);
        Assert.Null(fixture.Authenticator.Authenticate(token, ["x"]));
    }

    [Fact]
    public void Authenticate_ChangedInAnyPart_IsRefused()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;
        Assert.NotNull(fixture.Authenticator.Authenticate(token));
        var header = TokenFixture.Part(token, 0).GetRawText();
        var claims = TokenFixture.Part(token, 1).GetRawText();
        string[] forged =
        [
            TokenFixture.WithPart(token, 1, claims.Replace("robot", "admin", StringComparison.Ordinal)),
            TokenFixture.WithPart(token, 0, header.Replace("ES256", "none", StringComparison.Ordinal)),
            TokenFixture.WithPart(token, 0, header.Replace("ES256", "HS256", StringComparison.Ordinal)),
            TokenFixture.WithPart(token, 0, "[]"),
            TokenFixture.WithPart(token, 0, "{"),
            TokenFixture.WithPart(token, 2, ""),
            token[..token.LastIndexOf('.')] + ".",
            token[..token.LastIndexOf('.')],
            token + ".x",
            token + "A",
            "",
            "..",
            "zz",
            "a.b\u00e9.c",
            new string('a', 100_000),
        ];
        Assert.All(forged, f => Assert.Null(fixture.Authenticator.Authenticate(f)));
    }

    [Fact]
    public void Authenticate_SignedByAnotherKeyOfTheSameId_IsRefused()
    {
        using var fixture = new TokenFixture();
        using var other = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;
        var signed = token[..token.LastIndexOf('.')];
        var forged = $"{signed}.{Base64Url.EncodeToString(other.Issuer.Key.Sign(Encoding.ASCII.GetBytes(signed)))}";
        Assert.Null(fixture.Authenticator.Authenticate(forged));
        Assert.Null(fixture.Authenticator.Authenticate(other.Issuer.Issue(TokenFixture.Robot).Token));
    }

    [Fact]
    public void Authenticate_OurKeyAnotherIssuerOrPurpose_IsRefused()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;
        var claims = TokenFixture.Part(token, 1).GetRawText();
        Assert.NotNull(fixture.Authenticator.Authenticate(Resign(claims)));
        Assert.Null(fixture.Authenticator.Authenticate(Resign(claims.Replace("\"iss\":\"https://", "\"iss\":\"http://", StringComparison.Ordinal))));
        Assert.Null(fixture.Authenticator.Authenticate(Resign(claims.Replace("kubernetes.io", "something", StringComparison.Ordinal))));
        Assert.Null(fixture.Authenticator.Authenticate(Resign(claims.Replace("\"uid\":\"sa-uid\"", "\"uid\":null", StringComparison.Ordinal))));
        Assert.Null(fixture.Authenticator.Authenticate(Resign("[1]")));

        string Resign(string json)
        {
            var changed = TokenFixture.WithPart(token, 1, json);
            var signed = changed[..changed.LastIndexOf('.')];
            return $"{signed}.{Base64Url.EncodeToString(fixture.Issuer.Key.Sign(Encoding.ASCII.GetBytes(signed)))}";
        }
    }
}
