using System.Formats.Asn1;
using System.Net;

namespace Sealos.Objects.Certificates;

/// <summary>What a certificate is for besides its subject; kinds of names that nobody here asks for are left out.</summary>
public sealed record AlternativeNames(IReadOnlyList<string> Dns, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<string> Emails, IReadOnlyList<string> Uris)
{
    private static readonly Asn1Tag Email = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag Address = new(TagClass.ContextSpecific, 7);

    /// <summary>No names.</summary>
    public static AlternativeNames None { get; } = new([], [], [], []);

    /// <summary>Reads the extension's value.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static AlternativeNames Read(byte[] extension)
    {
        var (dns, addresses, emails, uris) = (new List<string>(), new List<IPAddress>(), new List<string>(), new List<string>());
        try
        {
            var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                if (tag.HasSameClassAndValue(DnsName))
                {
                    dns.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsName));
                }
                else if (tag.HasSameClassAndValue(Email))
                {
                    emails.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Email));
                }
                else if (tag.HasSameClassAndValue(Uri))
                {
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                }
                else if (tag.HasSameClassAndValue(Address))
                {
                    addresses.Add(new IPAddress(names.ReadOctetString(Address)));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            throw new FormatException("x509: invalid subject alternative names", e);
        }

        return new AlternativeNames(dns, addresses, emails, uris);
    }
}
