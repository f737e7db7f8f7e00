using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Registry;

namespace Sealos.ApiServer.Http;

/// <summary>A request for a served resource, from someone who may make it.</summary>
internal sealed class ApiRequest(HttpContext http, RequestInfo info, UserInfo user, Resource resource)
{
    public HttpContext Http => http;

    public RequestInfo Info => info;

    public UserInfo User => user;

    public Resource Resource => resource;

    /// <summary>When the request came, for ages in tables.</summary>
    public required DateTimeOffset Now { get; init; }

    public IQueryCollection Query => http.Request.Query;

    /// <summary>The namespace of the storage: empty for cluster-scoped kinds.</summary>
    public string Namespace => resource.IsNamespaced ? info.Namespace ?? "" : "";

    /// <summary>The object's name.</summary>
    public string Name => info.Name ?? throw ApiException.PathNotFound();

    /// <summary>The form the client wants; a form that cannot be given is refused here.</summary>
    public Output Output { get; } = Output.Negotiate(http.Request, resource.IsStored || resource.IsComputed);

    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>Who writes and how.</summary>
    public WriteContext WriteContext(bool dryRun) => new(user)
    {
        DryRun = dryRun,
        Subresource = info.Subresource,
        Manager = FieldManager(),
        NotesContent = http.Features.Get<AuditTrail>() is { Decision.Level: >= AuditLevel.Request },
        AuditAnnotations = http.Features.Get<AuditTrail>()?.Annotations ?? new(StringComparer.Ordinal),
    };

    /// <summary>In whose name fields are owned: as the client asks, or by the client's own name.</summary>
    private string FieldManager()
    {
        const int MaxBytes = 128;
        if (Parameter("fieldManager") is { Length: > 0 } asked)
        {
            return asked;
        }

        var agent = http.Request.Headers.UserAgent.ToString();
        var end = agent.IndexOf('/');
        var name = end < 0 ? agent : agent[..end];
        return name.Length <= MaxBytes && !name.AsSpan().ContainsAnyExceptInRange(' ', '~') ? name : Printable(name, MaxBytes);
    }

    private static string Printable(string text, int maxBytes)
    {
        var kept = new StringBuilder();
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || (Rune.IsWhiteSpace(rune) && rune.Value != ' '))
            {
                continue;
            }

            bytes += rune.Utf8SequenceLength;
            if (bytes > maxBytes)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.ToString();
    }

    /// <summary>A query parameter, or empty.</summary>
    public string Parameter(string name) => http.Request.Query[name].ToString();

    /// <summary>A flag in the query; as in Go, anything but a form of "false" is true.</summary>
    public bool Flag(string name) => Query.ContainsKey(name) && Parameter(name) is not ("0" or "false" or "False" or "FALSE" or "f" or "F");

    /// <summary>A whole number in the query, or null.</summary>
    public long? Number(string name)
    {
        var text = Parameter(name);
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }
}
