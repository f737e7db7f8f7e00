using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Sealos.Objects.Validation;

/// <summary>The rules for names. Each returns what is wrong, in Kubernetes' words; nothing when the name is right.</summary>
public static partial class NameRules
{
    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainFormat = LabelFormat + @"(\." + LabelFormat + ")*";
    private const string ServiceFormat = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string QualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string ValueFormat = "(" + QualifiedFormat + ")?";
    private const string KeyFormat = "[-._a-zA-Z0-9]+";
    private const string WildcardFormat = @"\*\." + SubdomainFormat;
    private const string EnvFormat = "^[ -<>-~]+$";
    private const string HttpHeaderFormat = "[-A-Za-z0-9]+";
    private const string HttpPathFormat = @"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";

    /// <summary>A DNS-1123 label: namespaces, containers, volumes.</summary>
    public static IEnumerable<string> DnsLabel(string value) => Checked(value, 63, LabelRegex(),
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", LabelFormat, "my-name", "123-abc");

    /// <summary>A DNS-1123 subdomain: most objects.</summary>
    public static IEnumerable<string> DnsSubdomain(string value) => Checked(value, 253, SubdomainRegex(),
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", SubdomainFormat, "example.com");

    /// <summary>A DNS-1035 label: services.</summary>
    public static IEnumerable<string> ServiceName(string value) => Checked(value, 63, ServiceRegex(),
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", ServiceFormat, "my-name", "abc-123");

    /// <summary>A subdomain behind <c>*.</c>: ingress hosts.</summary>
    public static IEnumerable<string> WildcardSubdomain(string value) => Checked(value, 253, WildcardRegex(),
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character", WildcardFormat, "*.example.com");

    /// <summary>A label key: a name with an optional DNS prefix before a slash.</summary>
    public static IEnumerable<string> QualifiedName(string value)
    {
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            yield return "a qualified name " + Explain("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", QualifiedFormat, "MyName", "my.name", "123-abc")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                yield return "prefix part must be non-empty";
            }
            else
            {
                foreach (var detail in DnsSubdomain(parts[0]))
                {
                    yield return "prefix part " + detail;
                }
            }
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }
        else if (name.Length > 63)
        {
            yield return "name part must be no more than 63 characters";
        }

        if (!QualifiedRegex().IsMatch(name))
        {
            yield return "name part " + Explain("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", QualifiedFormat, "MyName", "my.name", "123-abc");
        }
    }

    /// <summary>A qualified name whose prefix is required: extended resources, condition types, finalizers.</summary>
    public static IEnumerable<string> DomainPrefixedName(string value) =>
        value.Contains('/', StringComparison.Ordinal) ? QualifiedName(value) : [.. QualifiedName(value), "must be a domain-prefixed name (such as \"acme.io/foo\")"];

    /// <summary>A label's value.</summary>
    public static IEnumerable<string> LabelValue(string value) => Checked(value, 63, ValueRegex(),
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", ValueFormat, "MyValue", "my_value", "12345");

    /// <summary>A key of a config map or secret, which is also a file's name.</summary>
    public static IEnumerable<string> ConfigKey(string value)
    {
        foreach (var detail in Checked(value, 253, KeyRegex(), "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", KeyFormat, "key.name", "KEY_NAME", "key-name"))
        {
            yield return detail;
        }

        if (value == ".")
        {
            yield return "must not be '.'";
        }
        else if (value == "..")
        {
            yield return "must not be '..'";
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            yield return "must not start with '..'";
        }
    }

    /// <summary>A port's name.</summary>
    public static IEnumerable<string> PortName(string value)
    {
        if (value.Length > 15)
        {
            yield return "must be no more than 15 characters";
        }

        if (!PortRegex().IsMatch(value))
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }

        if (!value.Any(char.IsAsciiLetterLower))
        {
            yield return "must contain at least one letter (a-z)";
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }

        if (value.Length > 0 && (value[0] == '-' || value[^1] == '-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }

    /// <summary>An environment variable's name.</summary>
    public static IEnumerable<string> EnvName(string value) => EnvRegex().IsMatch(value)
        ? []
        : [Explain("a valid environment variable name must consist only of printable ASCII characters other than '='", EnvFormat, "my.env-name", "MY_ENV.NAME", "MyEnvName1")];

    /// <summary>An HTTP header's name.</summary>
    public static IEnumerable<string> HeaderName(string value) => HeaderRegex().IsMatch(value)
        ? []
        : [Explain("a valid HTTP header must consist of alphanumeric characters or '-'", HttpHeaderFormat, "X-Header-Name")];

    /// <summary>What stands in a path on its own: names of roles and bindings.</summary>
    public static IEnumerable<string> PathSegment(string value)
    {
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }

        return value.Where(c => c is '/' or '%').Distinct().Order().Select(c => $"may not contain '{c}'");
    }

    /// <summary>An IPv4 or IPv6 address.</summary>
    public static IEnumerable<string> IpAddress(string value) =>
        IsIp(value) ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];

    /// <summary>An address range.</summary>
    public static IEnumerable<string> Cidr(string value)
    {
        var parts = value.Split('/');
        var isRange = parts.Length == 2 && IsIp(parts[0]) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (parts[0].Contains(':', StringComparison.Ordinal) ? 128 : 32) && (parts[1].Length == 1 || parts[1][0] != '0');
        return isRange ? [] : ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
    }

    /// <summary>Whether the text is an address written in full, without leading zeros or a zone.</summary>
    public static bool IsIp(string value) => IPAddress.TryParse(value, out var address) && !value.Contains('%', StringComparison.Ordinal) && !value.Contains('[', StringComparison.Ordinal)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == value);

    internal static string Explain(string rule, string format, params ReadOnlySpan<string> examples)
    {
        var list = new List<string>();
        foreach (var example in examples)
        {
            list.Add($"'{example}', ");
        }

        return list.Count == 0 ? $"{rule} (regex used for validation is '{format}')" : $"{rule} (e.g. {string.Join(" or ", list)}regex used for validation is '{format}')";
    }

    internal static bool IsHttpPath(string value) => HttpPathRegex().IsMatch(value);

    private static IEnumerable<string> Checked(string value, int maxLength, Regex regex, string rule, string format, params string[] examples)
    {
        if (value.Length > maxLength)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"must be no more than {maxLength} characters");
        }

        if (!regex.IsMatch(value))
        {
            yield return Explain(rule, format, examples);
        }
    }

    [GeneratedRegex("^" + LabelFormat + @"\z")]
    private static partial Regex LabelRegex();

    [GeneratedRegex("^" + SubdomainFormat + @"\z")]
    private static partial Regex SubdomainRegex();

    [GeneratedRegex("^" + ServiceFormat + @"\z")]
    private static partial Regex ServiceRegex();

    [GeneratedRegex("^" + WildcardFormat + @"\z")]
    private static partial Regex WildcardRegex();

    [GeneratedRegex("^" + QualifiedFormat + @"\z")]
    private static partial Regex QualifiedRegex();

    [GeneratedRegex("^" + ValueFormat + @"\z")]
    private static partial Regex ValueRegex();

    [GeneratedRegex("^" + KeyFormat + @"\z")]
    private static partial Regex KeyRegex();

    [GeneratedRegex(@"^[-a-z0-9]+\z")]
    private static partial Regex PortRegex();

    [GeneratedRegex(@"^[ -<>-~]+\z")]
    private static partial Regex EnvRegex();

    [GeneratedRegex("^" + HttpHeaderFormat + @"\z")]
    private static partial Regex HeaderRegex();

    [GeneratedRegex("^" + HttpPathFormat + @"\z")]
    private static partial Regex HttpPathRegex();
}
