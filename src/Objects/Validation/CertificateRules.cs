using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Certificates;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Certificate signing requests, their approval and their outcome.</summary>
internal static class CertificateRules
{
    private const string LegacySigner = "kubernetes.io/legacy-unknown";
    private const int MinSeconds = 600;
    private const string Conditions = "status.conditions";
    private static readonly string[] Decisions = ["Approved", "Denied"];
    private static readonly string[] Lasting = ["Approved", "Denied", "Failed"];
    private static readonly string[] AnyStatus = ["True", "False", "Unknown"];
    private static readonly string[] Usages =
    [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature",
        "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc",
        "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
    ];

    public static void New(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec");
        Request(spec, errors);
        CheckUsages(spec.Texts("usages").ToList(), errors);
        var signer = spec.Text("signerName") ?? "";
        if (signer == LegacySigner)
        {
            errors.Invalid("spec.signerName", signer, "the legacy signerName is not allowed via this API version");
        }
        else
        {
            Signer(signer, "spec.signerName", errors);
        }

        if (spec.Number("expirationSeconds") is { } seconds && seconds < MinSeconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    /// <summary>What must hold when the approval or the status is written: the spec was judged before.</summary>
    public static void Part(JsonObject obj, JsonObject old, string subresource, ErrorList errors)
    {
        CheckConditions(obj, errors);
        var certificate = obj.Child("status").Text("certificate") ?? "";
        var before = old.Child("status").Text("certificate") ?? "";
        if (certificate != before)
        {
            Certificate(certificate, errors);
        }

        foreach (var type in Lasting)
        {
            var (had, has) = (CountOf(old, type), CountOf(obj, type));
            if (has < had)
            {
                errors.Forbidden(Conditions, $"updates may not remove a condition of type \"{type}\"");
            }
            else if (has > had && subresource != "approval" && Decisions.Contains(type))
            {
                errors.Forbidden(Conditions, $"updates may not add a condition of type \"{type}\"");
            }
        }

        if (certificate != before && before.Length > 0)
        {
            errors.Forbidden("status.certificate", "updates may not modify existing certificate content");
        }
    }

    /// <summary>A signer's name: a domain and a path.</summary>
    public static void Signer(string name, string field, ErrorList errors)
    {
        const int MaxPath = 253 + 63 + 1;
        if (name.Length == 0)
        {
            errors.Required(field);
            return;
        }

        if (name.Split('/') is not [var domain, var path])
        {
            errors.Invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }

        if (domain.Length > 253)
        {
            errors.TooLong(field, 253);
        }

        FirstWrong(field, domain, NameRules.DnsLabel, errors);
        if (!domain.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid(field, domain, "should be a domain with at least two segments separated by dots");
        }

        FirstWrong(field, path, NameRules.DnsSubdomain, errors);
        if (path.Length > MaxPath)
        {
            errors.TooLong(field, MaxPath);
        }
    }

    private static void FirstWrong(string field, string part, Func<string, IEnumerable<string>> rule, ErrorList errors)
    {
        foreach (var label in part.Split('.'))
        {
            var wrong = rule(label).ToList();
            if (wrong.Count > 0)
            {
                wrong.ForEach(detail => errors.Invalid(field, part, $"validating label \"{label}\": {detail}"));
                return;
            }
        }
    }

    private static void Request(JsonObject? spec, ErrorList errors)
    {
        var bytes = Bytes(spec.Text("request"));
        try
        {
            SigningRequest.Parse(bytes);
        }
        catch (FormatException e)
        {
            var printed = string.Join(", ", bytes.Select(b => "0x" + b.ToString("x", CultureInfo.InvariantCulture)));
            errors.InvalidRaw("spec.request", $"[]byte{{{printed}}}", e.Message);
        }
    }

    private static void CheckUsages(List<string> usages, ErrorList errors)
    {
        if (usages.Count == 0)
        {
            errors.Required("spec.usages");
        }

        for (var i = 0; i < usages.Count; i++)
        {
            if (!Usages.Contains(usages[i]))
            {
                errors.NotSupported($"spec.usages[{i}]", usages[i], Usages);
            }
        }

        for (var i = 0; i < usages.Count; i++)
        {
            if (usages.IndexOf(usages[i]) < i)
            {
                errors.Duplicate($"spec.usages[{i}]", usages[i]);
            }
        }
    }

    private static void CheckConditions(JsonObject obj, ErrorList errors)
    {
        var seen = new HashSet<string>();
        var i = 0;
        foreach (var condition in obj.Child("status").Objects("conditions"))
        {
            var path = $"{Conditions}[{i++}]";
            var (type, status) = (condition.Text("type") ?? "", condition.Text("status") ?? "");
            errors.CheckRequired($"{path}.type", type);
            var allowed = Lasting.Contains(type) ? AnyStatus[..1] : AnyStatus;
            if (status.Length == 0)
            {
                errors.Required($"{path}.status");
            }
            else if (!allowed.Contains(status))
            {
                errors.NotSupported($"{path}.status", status, allowed);
            }

            if (Decisions.Contains(type) && Decisions.Any(other => other != type && seen.Contains(other)))
            {
                errors.Invalid(Conditions, type, "Approved and Denied conditions are mutually exclusive");
            }

            if (!seen.Add(type))
            {
                errors.Duplicate($"{path}.type", type);
            }
        }
    }

    private static void Certificate(string base64, ErrorList errors)
    {
        var text = Encoding.ASCII.GetString(Bytes(base64));
        var blocks = 0;
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var label = rest[fields.Label];
            if (label is not "CERTIFICATE")
            {
                errors.Invalid("status.certificate", "<certificate data>", $"only CERTIFICATE PEM blocks are allowed, found \"{label}\"");
                return;
            }

            if (!IsCertificate(rest[fields.Base64Data].ToString()))
            {
                errors.Invalid("status.certificate", "<certificate data>", "x509: malformed certificate");
                return;
            }

            blocks++;
            rest = rest[fields.Location.End..];
        }

        if (blocks == 0 && base64.Length > 0)
        {
            errors.Invalid("status.certificate", "<certificate data>", "must contain at least one CERTIFICATE PEM block");
        }
    }

    private static bool IsCertificate(string base64)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(base64));
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static int CountOf(JsonObject obj, string type) => obj.Child("status").Objects("conditions").Count(c => c.Text("type") == type);

    private static byte[] Bytes(string? base64)
    {
        var bytes = new byte[((base64?.Length ?? 0) * 3 / 4) + 3];
        return Convert.TryFromBase64String(base64 ?? "", bytes, out var length) ? bytes[..length] : [];
    }
}
