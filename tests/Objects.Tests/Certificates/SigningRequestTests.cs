using System.Text;
using Sealos.Objects.Certificates;

namespace Sealos.Objects.Tests.Certificates;

public class SigningRequestTests
{
    // Made by OpenSSL.
    private const string OfEd25519 = """
        MIGbME8CAQAwHDENMAsGA1UECgwEZGV2czELMAkGA1UEAwwCZWQwKjAFBgMrZXAD
        IQCmeTN1V7zTXMws/MHpizoPtrVnNf56+LO7A/GE1nsoZaAAMAUGAytlcANBAHuc
        jU6y0r+1W4GwxviPUc6OBIittmIkyCnR5dWso+pP0sN3f0VztHtRUu5F91P7MYAx
        xgvlJNpXWTpx/ql6EgU=
        """;

    [Fact]
    public void Parse_SignedWithEd25519_IsRead()
    {
        var request = SigningRequest.Parse(Pem(Convert.FromBase64String(OfEd25519)));
        Assert.Equal(("ed", "devs"), (request.CommonName, Assert.Single(request.Organizations)));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(110)]
    [InlineData(150)]
    public void Parse_ChangedAfterItWasSignedWithEd25519_IsRefused(int at)
    {
        var der = Convert.FromBase64String(OfEd25519);
        der[at] ^= 1;
        Assert.Throws<FormatException>(() => SigningRequest.Parse(Pem(der)));
    }

    private static byte[] Pem(byte[] der) => Encoding.ASCII.GetBytes($"-----BEGIN CERTIFICATE REQUEST-----\n{Convert.ToBase64String(der)}\n-----END CERTIFICATE REQUEST-----\n");
}
