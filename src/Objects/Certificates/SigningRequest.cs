using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sealos.Objects.Certificates;

/// <summary>Somebody's wish for a certificate (PKCS #10), as signers and rules look at it.</summary>
public sealed class SigningRequest
{
    private const string Label = "CERTIFICATE REQUEST";
    private const string AlternativeNamesId = "2.5.29.17";

    private SigningRequest(CertificateRequest request)
    {
        Subject = request.SubjectName;
        PublicKey = request.PublicKey;
        (var commonName, Organizations) = SubjectName.Read(Subject.RawData);
        CommonName = commonName ?? "";
        Names = request.CertificateExtensions.FirstOrDefault(e => e.Oid?.Value == AlternativeNamesId) is { } names ? AlternativeNames.Read(names.RawData) : AlternativeNames.None;
    }

    /// <summary>The whole subject.</summary>
    public X500DistinguishedName Subject { get; }

    /// <summary>The key that the certificate is for.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>The subject's common name, or empty.</summary>
    public string CommonName { get; }

    /// <summary>The subject's organizations.</summary>
    public IReadOnlyList<string> Organizations { get; }

    /// <summary>The other names asked for.</summary>
    public AlternativeNames Names { get; }

    /// <summary>Reads a request in PEM and checks that whoever made it has its key.</summary>
    /// <exception cref="FormatException">It is not a request, or is not signed with its own key.</exception>
    public static SigningRequest Parse(ReadOnlySpan<byte> pem)
    {
        var text = Encoding.ASCII.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields) || !text.AsSpan()[fields.Label].SequenceEqual(Label))
        {
            throw new FormatException("PEM block type must be CERTIFICATE REQUEST");
        }

        try
        {
            // The extensions are read for their names alone; none is taken over as it is.
            var der = Convert.FromBase64String(text[fields.Base64Data]);
            var isOfEd25519 = IsSignedWithEd25519(der);
            var options = CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions | (isOfEd25519 ? CertificateRequestLoadOptions.SkipSignatureValidation : 0);
            var request = new SigningRequest(CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, options, RSASignaturePadding.Pkcs1));
            return isOfEd25519 && !IsItsOwn(der, request.PublicKey) ? throw new FormatException("x509: Ed25519 verification failure") : request;
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException or ArgumentException or System.Formats.Asn1.AsnContentException)
        {
            throw new FormatException($"x509: {e.Message}", e);
        }
    }

    private static bool IsSignedWithEd25519(byte[] der)
    {
        var whole = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        whole.ReadEncodedValue();
        return whole.ReadSequence().ReadObjectIdentifier() == Ed25519.Id;
    }

    // Which .NET cannot check.
    private static bool IsItsOwn(byte[] der, PublicKey key)
    {
        var whole = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var signed = whole.ReadEncodedValue();
        whole.ReadSequence();
        return key.Oid.Value == Ed25519.Id && Ed25519.Verify(key.EncodedKeyValue.RawData, signed.ToArray(), whole.ReadBitString(out _));
    }
}
