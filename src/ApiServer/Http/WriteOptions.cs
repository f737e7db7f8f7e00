using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Http;

/// <summary>What to do about unknown and repeated fields.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>The query parameters of a write.</summary>
internal sealed record WriteOptions(bool DryRun, FieldValidation FieldValidation)
{
    private const int MaxManager = 128;

    /// <summary>Reads them; <paramref name="kind"/> names the options in refusals, such as <c>CreateOptions</c>.</summary>
    public static WriteOptions Parse(IQueryCollection query, string kind)
    {
        var manager = query["fieldManager"].ToString();
        if (manager.Length > MaxManager)
        {
            throw ApiException.InvalidOption(kind, FieldErrorType.TooLong, "fieldManager", string.Create(CultureInfo.InvariantCulture, $"may not be more than {MaxManager} bytes"));
        }

        return new WriteOptions(ParseDryRun(query["dryRun"], kind), ParseValidation(query["fieldValidation"].ToString(), kind));
    }

    public static bool ParseDryRun(IReadOnlyList<string?> values, string kind)
    {
        if (values.Count == 0)
        {
            return false;
        }

        return values.All(v => v == "All")
            ? true
            : throw ApiException.InvalidOption(kind, FieldErrorType.NotSupported, "dryRun", "supported values: \"All\"", $"[]string{{{string.Join(", ", values.Select(v => $"\"{v}\""))}}}");
    }

    private static FieldValidation ParseValidation(string value, string kind) => value switch
    {
        "" or "Warn" => FieldValidation.Warn,
        "Ignore" => FieldValidation.Ignore,
        "Strict" => FieldValidation.Strict,
        _ => throw ApiException.InvalidOption(kind, FieldErrorType.NotSupported, "fieldValidation", "supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"", $"\"{value}\""),
    };
}

/// <summary>How dependents of a deleted object are treated.</summary>
internal enum Propagation
{
    Default,
    Background,
    Foreground,
    Orphan,
}

/// <summary>The options of a deletion, from the body and, where that says nothing, the query.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public Propagation Propagation { get; init; }

    public bool DryRun { get; init; }

    public static DeleteOptions Parse(IQueryCollection query, JsonObject? body)
    {
        var grace = body.Number("gracePeriodSeconds");
        if (grace is null && long.TryParse(query["gracePeriodSeconds"].ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var fromQuery))
        {
            grace = fromQuery;
        }

        if (grace < 0)
        {
            throw ApiException.InvalidOption("DeleteOptions", FieldErrorType.Invalid, "gracePeriodSeconds", "must be greater than or equal to 0", grace.Value.ToString(CultureInfo.InvariantCulture));
        }

        var preconditions = body.Child("preconditions");
        var dryRun = body.Texts("dryRun").ToArray();
        return new DeleteOptions
        {
            GracePeriodSeconds = grace,
            Uid = preconditions.Text("uid"),
            ResourceVersion = preconditions.Text("resourceVersion"),
            Propagation = ParsePropagation(
                body.Text("propagationPolicy") ?? query["propagationPolicy"].ToString(),
                body.Flag("orphanDependents") ?? (query["orphanDependents"].ToString() is { Length: > 0 } text ? text is "true" or "1" : null)),
            DryRun = WriteOptions.ParseDryRun(dryRun.Length > 0 ? dryRun : query["dryRun"], "DeleteOptions"),
        };
    }

    private static Propagation ParsePropagation(string policy, bool? orphan)
    {
        if (policy.Length > 0 && orphan is not null)
        {
            throw ApiException.InvalidOption("DeleteOptions", FieldErrorType.Invalid, "propagationPolicy", "orphanDependents and deletionPropagation cannot be both set", $"\"{policy}\"");
        }

        return policy switch
        {
            "" => orphan switch { true => Propagation.Orphan, false => Propagation.Background, null => Propagation.Default },
            "Background" => Propagation.Background,
            "Foreground" => Propagation.Foreground,
            "Orphan" => Propagation.Orphan,
            _ => throw ApiException.InvalidOption("DeleteOptions", FieldErrorType.NotSupported, "propagationPolicy", "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"", $"\"{policy}\""),
        };
    }
}
