using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sealos.ApiServer.Authentication;
using Xunit;

namespace Sealos.ApiServer.Tests.Authentication;

public class TokenIssuerTests
{
    [Fact]
    public void Issue_AsKubernetesDoes_ClaimsHaveItsForm()
    {
        using var fixture = new TokenFixture();
        var now = fixture.Time.Now.ToUnixTimeSeconds();

        var issued = fixture.Issuer.Issue(TokenFixture.Robot with { Audiences = ["aud1"], ExpirationSeconds = 600 });

        var claims = TokenFixture.Part(issued.Token, 1);
        var id = claims.GetProperty("jti").GetString();
        Assert.Equal(
            $$$"""{"aud":["aud1"],"exp":{{{now + 600}}},"iat":{{{now}}},"iss":"https://kubernetes.default.svc.cluster.local","jti":"{{{id}}}","kubernetes.io":{"namespace":"t1","serviceaccount":{"name":"robot","uid":"sa-uid"}},"nbf":{{{now}}},"sub":"system:serviceaccount:t1:robot"}""",
            claims.GetRawText());
        Assert.Equal($$"""{"alg":"ES256","kid":"{{fixture.Issuer.Key.KeyId}}"}""", TokenFixture.Part(issued.Token, 0).GetRawText());
        Assert.Equal(fixture.Time.Now.AddSeconds(600), issued.ExpirationTimestamp);
        Assert.Equal(["aud1"], issued.Audiences);
    }

    [Fact]
    public void Issue_BoundToPod_NamesPodAndNode()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot with { Pod = new("p", "pod-uid"), Node = new("n", "node-uid") }).Token;
        Assert.Equal(
            """{"namespace":"t1","node":{"name":"n","uid":"node-uid"},"pod":{"name":"p","uid":"pod-uid"},"serviceaccount":{"name":"robot","uid":"sa-uid"}}""",
            TokenFixture.Part(token, 1).GetProperty("kubernetes.io").GetRawText());
        Assert.Equal(["https://kubernetes.default.svc.cluster.local"], TokenFixture.Part(token, 1).GetProperty("aud").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public void Issue_ForPodVolume_LivesAYearAndSaysWhenToComeBack()
    {
        using var fixture = new TokenFixture();
        var now = fixture.Time.Now.ToUnixTimeSeconds();
        var spec = TokenFixture.Robot with { Pod = new("p", "pod-uid"), ExpirationSeconds = 3607 };

        var issued = fixture.Issuer.Issue(spec);
        var elsewhere = fixture.Issuer.Issue(spec with { Audiences = ["vault"] });
        var unbound = fixture.Issuer.Issue(spec with { Pod = null });

        Assert.Equal(now + 31_536_000, TokenFixture.Part(issued.Token, 1).GetProperty("exp").GetInt64());
        Assert.Equal(now + 3607, TokenFixture.Part(issued.Token, 1).GetProperty("kubernetes.io").GetProperty("warnafter").GetInt64());
        Assert.Equal(fixture.Time.Now.AddSeconds(3607), issued.ExpirationTimestamp);
        Assert.Equal(now + 3607, TokenFixture.Part(elsewhere.Token, 1).GetProperty("exp").GetInt64());
        Assert.Equal(now + 3607, TokenFixture.Part(unbound.Token, 1).GetProperty("exp").GetInt64());
    }

    [Fact]
    public void LoadOrCreate_SecondTime_IsTheSameKeyAndOnlyTheOwnerReadsIt()
    {
        using var fixture = new TokenFixture();
        using var again = TokenIssuer.LoadOrCreate(new TokenIssuerOptions(fixture.KeyFile), fixture.Time);
        Assert.Equal(fixture.Issuer.Key.KeyId, again.Key.KeyId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(fixture.KeyFile));
    }

    [Fact]
    public void LoadOrCreate_OperatorsRsaKey_SignsRs256()
    {
        using var fixture = new TokenFixture(path =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var rsa = RSA.Create(2048);
            File.WriteAllText(path, rsa.ExportRSAPrivateKeyPem());
            return new TokenIssuerOptions(path);
        });

        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;

        Assert.Equal("RS256", TokenFixture.Part(token, 0).GetProperty("alg").GetString());
        Assert.NotNull(fixture.Authenticator.Authenticate(token));
        using var jwks = JsonDocument.Parse(fixture.Issuer.JwksDocument);
        var key = jwks.RootElement.GetProperty("keys")[0];
        Assert.Equal("RSA", key.GetProperty("kty").GetString());
        Assert.Equal("AQAB", key.GetProperty("e").GetString());
    }

    [Theory]
    [InlineData("not a key", "not a PEM private key")]
    [InlineData("P-384", "384 bits")]
    [InlineData("RSA-1024", "1024 bits")]
    public void LoadOrCreate_UnfitKey_SaysWhy(string what, string expected)
    {
        using var fixture = new TokenFixture();
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(1024);
        File.WriteAllText(fixture.KeyFile, what switch { "P-384" => ec.ExportPkcs8PrivateKeyPem(), "RSA-1024" => rsa.ExportPkcs8PrivateKeyPem(), _ => what });
        var failure = Assert.Throws<InvalidDataException>(() => TokenIssuer.LoadOrCreate(new TokenIssuerOptions(fixture.KeyFile), fixture.Time));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_AnotherPartyReads_VerifiesATokenWithThem()
    {
        using var fixture = new TokenFixture();
        var token = fixture.Issuer.Issue(TokenFixture.Robot).Token;
        using var jwks = JsonDocument.Parse(fixture.Issuer.JwksDocument);
        var jwk = jwks.RootElement.GetProperty("keys")[0];
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()),
                Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()),
            },
        });

        var cut = token.LastIndexOf('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(token[..cut]), Base64Url.DecodeFromChars(token.AsSpan(cut + 1)), HashAlgorithmName.SHA256));
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), jwk.GetProperty("kid").GetString());
        Assert.Equal(
            """{"issuer":"https://kubernetes.default.svc.cluster.local","jwks_uri":"https://127.0.0.1:6443/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]}""",
            fixture.Issuer.DiscoveryDocument("https://127.0.0.1:6443/openid/v1/jwks"));
    }

    [Fact]
    public void KeyPutAside_StaysGoodForItsTokensWhileItIsThere()
    {
        using var fixture = new TokenFixture();
        var old = fixture.Issuer.Issue(TokenFixture.Robot).Token;
        File.Move(fixture.KeyFile, fixture.KeyFile + ".previous");

        using var rotated = TokenIssuer.LoadOrCreate(new TokenIssuerOptions(fixture.KeyFile), fixture.Time);
        Assert.NotEqual(fixture.Issuer.Key.KeyId, rotated.Key.KeyId);
        Assert.NotNull(Check(rotated, old));
        Assert.NotNull(Check(rotated, rotated.Issue(TokenFixture.Robot).Token));
        using var jwks = JsonDocument.Parse(rotated.JwksDocument);
        Assert.Equal(2, jwks.RootElement.GetProperty("keys").GetArrayLength());

        File.Delete(fixture.KeyFile + ".previous");
        using var later = TokenIssuer.LoadOrCreate(new TokenIssuerOptions(fixture.KeyFile), fixture.Time);
        Assert.Null(Check(later, old));

        TokenIdentity? Check(TokenIssuer issuer, string token) =>
            new TokenAuthenticator(issuer, (kind, ns, name) => fixture.Objects.GetValueOrDefault((kind, ns, name)), fixture.Time).Authenticate(token);
    }
}
