using System.Formats.Asn1;

namespace Sealos.Objects.Certificates;

/// <summary>Reads the parts of an X.500 name that Kubernetes gives a meaning, values of several in one RDN too.</summary>
public static class SubjectName
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    /// <summary>The common name and the organizations of a name in DER.</summary>
    public static (string? CommonName, IReadOnlyList<string> Organizations) Read(byte[] encoded)
    {
        string? commonName = null;
        var organizations = new List<string>();
        var names = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            // Authorities order the set as they like.
            var set = names.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                var attribute = set.ReadSequence();
                var type = attribute.ReadObjectIdentifier();
                if (type == CommonName)
                {
                    commonName = ReadText(attribute);
                }
                else if (type == Organization && ReadText(attribute) is { } organization)
                {
                    organizations.Add(organization);
                }
            }
        }

        return (commonName, organizations);
    }

    private static string? ReadText(AsnReader reader)
    {
        var tag = reader.PeekTag();
        return tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String
            or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.T61String or UniversalTagNumber.BMPString
            ? reader.ReadCharacterString((UniversalTagNumber)tag.TagValue)
            : null;
    }
}
