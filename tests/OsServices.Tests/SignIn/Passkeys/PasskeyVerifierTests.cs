using System.Buffers.Text;
using System.Formats.Cbor;
using System.Text;
using Sealos.OsServices.SignIn.Passkeys;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn.Passkeys;

public sealed class PasskeyVerifierTests
{
    private static readonly PasskeySite Site = new(SoftAuthenticator.RpId, SoftAuthenticator.Origin);

    /// <summary>What is forged, and what is said of it.</summary>
    public static TheoryData<string, string> Forgeries => new()
    {
        { "origin", "another site" },
        { "origin without its port", "another site" },
        { "origin beginning alike", "another site" },
        { "frame of another site", "another site" },
        { "rpIdHash", "another site" },
        { "type", "something else" },
        { "person not verified", "did not check" },
        { "person not there", "did not check" },
        { "backed up and cannot be", "cannot be read" },
        { "data too short", "cannot be read" },
        { "trailing data", "cannot be read" },
    };

    [Theory]
    [InlineData(CoseKey.Es256)]
    [InlineData(CoseKey.Rs256)]
    [InlineData(CoseKey.EdDsa)]
    public void Passkey_OfEachAlgorithm_IsTakenAndVerified_AndNoOthersSignatureIs(int algorithm)
    {
        var authenticator = new SoftAuthenticator { Algorithm = algorithm };
        var passkey = Enrol(authenticator);

        Assert.Equal(0u, PasskeyVerifier.VerifyUse(Site, passkey, Answer(authenticator.Use("abc"))).SignCount);

        var other = new SoftAuthenticator { Algorithm = algorithm, CredentialId = authenticator.CredentialId };
        Assert.Contains("signature", Refused(() => PasskeyVerifier.VerifyUse(Site, passkey, Answer(other.Use("abc")))), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void Forgery_IsRefused_OfANewPasskeyAndOfAUse(string what, string said)
    {
        var authenticator = new SoftAuthenticator();
        var passkey = Enrol(authenticator);
        authenticator.Wrong = what switch
        {
            "origin" => new Forgery { Origin = "https://evil.example" },
            "origin without its port" => new Forgery { Origin = "https://cloud.example" },
            "origin beginning alike" => new Forgery { Origin = SoftAuthenticator.Origin + ".evil.example" },
            "frame of another site" => new Forgery { IsCrossOrigin = true },
            "rpIdHash" => new Forgery { RpId = "evil.example" },
            "type" => new Forgery { Type = "webauthn.payment" },
            "person not verified" => new Forgery { Flags = 0x01 },
            "person not there" => new Forgery { Flags = 0x04 },
            "backed up and cannot be" => new Forgery { Flags = 0x15 },
            "data too short" => new Forgery { Flags = 0x85 },
            _ => new Forgery { Trailing = [0] },
        };

        Assert.Contains(said, Refused(() => PasskeyVerifier.VerifyUse(Site, passkey, Answer(authenticator.Use("abc")))), StringComparison.Ordinal);
        Assert.Contains(said, Refused(() => PasskeyVerifier.VerifyNew(Site, Answer(authenticator.Create("abc")))), StringComparison.Ordinal);
    }

    [Fact]
    public void Counter_ThatGoesBackOrStandsStill_IsRefused()
    {
        var authenticator = new SoftAuthenticator { Count = 7 };
        var passkey = Enrol(authenticator);

        authenticator.Count = 8;
        Assert.Equal(8u, PasskeyVerifier.VerifyUse(Site, passkey, Answer(authenticator.Use("abc"))).SignCount);
        foreach (var count in new uint[] { 7, 6, 0 })
        {
            authenticator.Count = count;
            Assert.Contains("copied", Refused(() => PasskeyVerifier.VerifyUse(Site, passkey, Answer(authenticator.Use("abc")))), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Attestation_OfAnyKind_IsTakenAsNone() =>
        Assert.NotNull(PasskeyVerifier.VerifyNew(Site, Answer(new SoftAuthenticator { Wrong = new Forgery { Format = "packed" } }.Create("abc"))).Key);

    [Fact]
    public void NewPasskey_WhoseIdIsNotTheAuthenticators_IsRefused()
    {
        var credential = new SoftAuthenticator().Create("abc");
        Assert.Contains("no new passkey", Refused(() => PasskeyVerifier.VerifyNew(Site, Answer(credential with { Id = "AAAA" }))), StringComparison.Ordinal);
    }

    [Fact]
    public void Attestation_TruncatedAtEveryByte_IsRefused()
    {
        var whole = Base64Url.DecodeFromChars(new SoftAuthenticator().Create("abc").Response.AttestationObject);
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = length;
            Refused(() => PasskeyVerifier.VerifyNew(Site, Answer(new SoftAuthenticator { Wrong = new Forgery { Attestation = bytes => bytes[..cut] } }.Create("abc"))));
        }
    }

    [Theory]
    [InlineData("trailing")]
    [InlineData("deep")]
    [InlineData("indefinite")]
    [InlineData("huge length")]
    [InlineData("twice the same")]
    [InlineData("text")]
    [InlineData("random")]
    public void Attestation_ThatIsNoneOrTooMuch_IsRefused(string what)
    {
        Func<byte[], byte[]> forge = what switch
        {
            "trailing" => bytes => [.. bytes, 0],
            "deep" => _ => [0xa1, 0x61, (byte)'x', .. Enumerable.Repeat((byte)0x81, 8000), 0x00],
            "indefinite" => _ => [0xbf, 0xff],
            "huge length" => _ => [0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "twice the same" => _ => Twice(),
            "text" => _ => Encoding.UTF8.GetBytes("{\"authData\":\"\"}"),
            _ => _ => [.. Enumerable.Range(0, 500).Select(i => (byte)(i * 37))],
        };

        Refused(() => PasskeyVerifier.VerifyNew(Site, Answer(new SoftAuthenticator { Wrong = new Forgery { Attestation = forge } }.Create("abc"))));
    }

    [Theory]
    [InlineData(-35)]
    [InlineData(-65535)]
    [InlineData(-7777)]
    public void Key_OfAnotherAlgorithm_IsRefused_AndTheMessageNamesThoseThatAreTaken(int algorithm) =>
        Assert.Contains("ES256, Ed25519 and RS256", Refused(() => PasskeyVerifier.VerifyNew(Site, Answer(new SoftAuthenticator { Wrong = new Forgery { Algorithm = algorithm } }.Create("abc")))), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("!!")]
    [InlineData("e30")]
    [InlineData("eyJ0eXBlIjoxfQ")]
    [InlineData("W10")]
    [InlineData("bnVsbA")]
    public void Answer_WhoseBrowsersPartIsNoneOfIt_IsRefused(string clientData) => Refused(() => PasskeyAnswer.Read(new PasskeyCredential("AAAA", new PasskeyResponse(clientData))));

    [Fact]
    public void Answer_WithTwoOrigins_IsRefused() => Refused(() => PasskeyAnswer.Read(new PasskeyCredential("AAAA", new PasskeyResponse(
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes("""{"type":"webauthn.get","challenge":"a","origin":"https://evil.example","origin":"https://cloud.example:8443"}"""))))));

    [Fact]
    public void Answer_ThatIsNone_IsRefused() => Refused(() => PasskeyAnswer.Read(null));

    private static byte[] Twice()
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(2);
        for (var i = 0; i < 2; i++)
        {
            writer.WriteTextString("authData");
            writer.WriteByteString(new byte[37]);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    private static Passkey Enrol(SoftAuthenticator authenticator)
    {
        var (key, data) = PasskeyVerifier.VerifyNew(Site, Answer(authenticator.Create("abc")));
        return new Passkey(key.CredentialId, key.PublicKey, "test", DateTimeOffset.UnixEpoch) { SignCount = data.SignCount };
    }

    private static PasskeyAnswer Answer(PasskeyCredential credential) => PasskeyAnswer.Read(credential);

    private static string Refused(Action action) => Assert.Throws<PasskeyProblemException>(action).Message;
}
