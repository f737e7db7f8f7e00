using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Http;

/// <summary>How a given resourceVersion is to be understood.</summary>
internal enum RevisionMatch
{
    /// <summary>Not said.</summary>
    Unset,
    NotOlderThan,
    Exact,
}

/// <summary>Where a list goes on: after a key, in the state of a revision (-1: whatever is newest).</summary>
internal sealed record ContinueToken(long Revision, string StartAfter)
{
    private const string Version = "meta.k8s.io/v1";

    public static ContinueToken Parse(string text)
    {
        try
        {
            var json = JsonText.ParseNode(Base64Url.DecodeFromChars(text)) as JsonObject;
            if (json.Text("v") != Version || json.Number("rv") is not { } revision || json.Text("start") is not { Length: > 1 } start)
            {
                throw ApiException.BadRequest("invalid continue token: continue key is not valid: unrecognized token");
            }

            return new ContinueToken(revision, start.TrimEnd('\0'));
        }
        catch (Exception e) when (e is FormatException or DecodeException)
        {
            throw ApiException.BadRequest($"invalid continue token: continue key is not valid: {e.Message}");
        }
    }

    public override string ToString()
    {
        var start = JsonSerializer.Serialize(StartAfter + "\0");
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"v\":\"{Version}\",\"rv\":{Revision},\"start\":{start}}}")));
    }
}

/// <summary>The query parameters of lists and watches.</summary>
internal sealed record ListOptions
{
    public required ObjectFilter Filter { get; init; }

    public long Limit { get; init; }

    public ContinueToken? Continue { get; init; }

    /// <summary>The resourceVersion, or null when none is given. Zero means "anything you have".</summary>
    public long? Revision { get; init; }

    public RevisionMatch Match { get; init; }

    public long? TimeoutSeconds { get; init; }

    public bool AllowBookmarks { get; init; }

    public bool? SendInitialEvents { get; init; }

    public static ListOptions Parse(ApiRequest request, bool isWatch)
    {
        var options = new ListOptions
        {
            Filter = FilterParser.Parse(request),
            Limit = request.Number("limit") ?? 0,
            Continue = request.Parameter("continue") is { Length: > 0 } token ? ContinueToken.Parse(token) : null,
            Revision = ParseRevision(request.Parameter("resourceVersion")),
            Match = ParseMatch(request.Parameter("resourceVersionMatch")),
            TimeoutSeconds = request.Number("timeoutSeconds"),
            AllowBookmarks = request.Flag("allowWatchBookmarks"),
            SendInitialEvents = request.Parameter("sendInitialEvents").Length > 0 ? request.Flag("sendInitialEvents") : null,
        };
        options.Validate(isWatch);
        return options;
    }

    /// <summary>Reads a resourceVersion; it is opaque to clients, so a wrong one is the caller's bug.</summary>
    public static long? ParseRevision(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) && revision <= long.MaxValue
            ? (long)revision
            : throw new ApiException(500, null, $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    private static RevisionMatch ParseMatch(string text) => text switch
    {
        "" => RevisionMatch.Unset,
        "Exact" => RevisionMatch.Exact,
        "NotOlderThan" => RevisionMatch.NotOlderThan,
        _ => throw Refuse("resourceVersionMatch", FieldErrorType.NotSupported, "supported values: \"Exact\", \"NotOlderThan\"", $"\"{text}\""),
    };

    private void Validate(bool isWatch)
    {
        if (SendInitialEvents is not null)
        {
            ValidateInitialEvents(isWatch);
            return;
        }

        if (Match == RevisionMatch.Unset)
        {
            return;
        }

        if (isWatch)
        {
            throw Refuse("resourceVersionMatch", FieldErrorType.Forbidden, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }

        if (Revision is null)
        {
            throw Refuse("resourceVersionMatch", FieldErrorType.Forbidden, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (Continue is not null)
        {
            throw Refuse("resourceVersionMatch", FieldErrorType.Forbidden, "resourceVersionMatch is forbidden when continue is provided");
        }

        if (Match == RevisionMatch.Exact && Revision == 0)
        {
            throw Refuse("resourceVersionMatch", FieldErrorType.Forbidden, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }

    private void ValidateInitialEvents(bool isWatch)
    {
        if (!isWatch)
        {
            throw Refuse("sendInitialEvents", FieldErrorType.Forbidden, "sendInitialEvents is forbidden for list");
        }

        if (Match != RevisionMatch.NotOlderThan)
        {
            throw Refuse("resourceVersionMatch", FieldErrorType.Forbidden, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
    }

    private static ApiException Refuse(string field, FieldErrorType type, string detail, string? value = null) =>
        ApiException.InvalidOption("ListOptions", type, field, detail, value);
}

/// <summary>Makes a filter of the selectors in a query and the path.</summary>
internal static class FilterParser
{
    public static ObjectFilter Parse(ApiRequest request)
    {
        var resource = request.Resource;
        string? ns = resource.IsNamespaced ? request.Info.Namespace : null;
        string? name = request.Info.Name;
        var fields = new List<(int, string, bool)>();
        var excluded = new List<(bool, string)>();
        var impossible = false;
        foreach (var requirement in ParseFields(request.Parameter("fieldSelector")).Requirements)
        {
            var path = resource.Conversion?.ToStoredField(requirement.Field) ?? requirement.Field;
            if (path is "metadata.name" or "metadata.namespace")
            {
                Narrow(ref path == "metadata.namespace" ? ref ns : ref name, requirement, excluded, ref impossible);
                continue;
            }

            var index = resource.Cache.Fields.IndexOf(path);
            if (index < 0 || resource.Custom?.SelectableFields.Contains(path) == false)
            {
                throw ApiException.BadRequest($"field label not supported: {requirement.Field}");
            }

            fields.Add((index, requirement.Value, !requirement.IsNegated));
        }

        // Two different names cannot both hold: no object has an empty name, so this selects nothing.
        return new ObjectFilter { Namespace = ns, Name = impossible ? "" : name, Labels = ParseLabels(request.Parameter("labelSelector")), Fields = fields, Excluded = excluded };
    }

    private static void Narrow(ref string? target, FieldRequirement requirement, List<(bool, string)> excluded, ref bool impossible)
    {
        if (requirement.IsNegated)
        {
            excluded.Add((requirement.Field == "metadata.namespace", requirement.Value));
        }
        else if (target is not null && target != requirement.Value)
        {
            impossible = true;
        }
        else
        {
            target = requirement.Value;
        }
    }

    private static FieldSelector ParseFields(string text)
    {
        try
        {
            return FieldSelector.Parse(text);
        }
        catch (SelectorException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }

    private static IReadOnlyList<LabelRequirement> ParseLabels(string text)
    {
        try
        {
            return LabelSelector.Parse(text).Requirements;
        }
        catch (SelectorException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }
}
