using System.Security.Cryptography.X509Certificates;
using Sealos.ApiServer.Authentication;
using Xunit;

namespace Sealos.ApiServer.Tests.Authentication;

public class ClientCertificateAuthenticatorTests
{
    private readonly ManualTime _time = new();
    private readonly TestCertificates _ours;
    private readonly ClientCertificateAuthenticator _authenticator;

    public ClientCertificateAuthenticatorTests()
    {
        _ours = new TestCertificates(_time);
        _authenticator = new ClientCertificateAuthenticator([_ours.Authority], _time);
    }

    [Fact]
    public void Authenticate_OurCertificate_NameAndGroupsComeFromTheSubject()
    {
        using var certificate = _ours.Issue("O=system:nodes, O=system:masters, CN=system:node:one");

        var user = _authenticator.Authenticate(certificate)!;

        Assert.Equal("system:node:one", user.Name);
        Assert.Equal(["system:masters", "system:nodes"], user.Groups.Order());
        var id = Assert.Single(user.Extra["authentication.kubernetes.io/credential-id"]);
        Assert.Equal("X509SHA256=" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate.RawData)), id);
    }

    [Fact]
    public void Authenticate_SeveralValuesInOneNamePart_AreAllRead()
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        {
            foreach (var (oid, value) in new[] { ("2.5.4.10", "devs"), ("2.5.4.3", "alice"), ("2.5.4.10", "ops") })
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(oid);
                    writer.WriteCharacterString(System.Formats.Asn1.UniversalTagNumber.UTF8String, value);
                }
            }
        }

        using var certificate = _ours.Issue(new X500DistinguishedName(writer.Encode()));

        var user = _authenticator.Authenticate(certificate)!;
        Assert.Equal("alice", user.Name);
        Assert.Equal(["devs", "ops"], user.Groups.Order());
    }

    [Fact]
    public void Authenticate_ForeignAuthorityOfTheSameName_IsRefused()
    {
        using var certificate = new TestCertificates(_time).Issue("CN=alice");
        Assert.Null(_authenticator.Authenticate(certificate));
    }

    [Fact]
    public void Authenticate_ServerCertificate_IsRefused()
    {
        using var server = _ours.Issue("CN=alice", TestCertificates.ForServers);
        using var any = _ours.Issue("CN=alice", usage: null);
        Assert.Null(_authenticator.Authenticate(server));
        Assert.NotNull(_authenticator.Authenticate(any));
    }

    [Fact]
    public void Authenticate_NoCommonName_IsRefused()
    {
        using var certificate = _ours.Issue("O=system:masters");
        Assert.Null(_authenticator.Authenticate(certificate));
    }

    [Fact]
    public void Authenticate_OutOfDate_IsRefusedEvenWhenRemembered()
    {
        using var certificate = _ours.Issue("CN=alice", life: TimeSpan.FromMinutes(10));
        Assert.NotNull(_authenticator.Authenticate(certificate));
        _time.Now += TimeSpan.FromMinutes(11);
        Assert.Null(_authenticator.Authenticate(certificate));
        _time.Now -= TimeSpan.FromDays(2);
        Assert.Null(_authenticator.Authenticate(certificate));
        Assert.Null(new ClientCertificateAuthenticator([_ours.Authority], _time).Authenticate(certificate));
    }
}
