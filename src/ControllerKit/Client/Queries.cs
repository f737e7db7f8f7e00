using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Sealos.ControllerKit.Client;

/// <summary>What a list may be narrowed by.</summary>
public sealed record ListQuery
{
    /// <summary>Label selector, such as <c>app=web</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector, such as <c>spec.nodeName=n1</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Page size.</summary>
    public int? Limit { get; init; }

    /// <summary>Token of the page.</summary>
    public string? Continue { get; init; }

    /// <summary><c>0</c> for whatever the server has in memory.</summary>
    public string? ResourceVersion { get; init; }

    internal string ToQueryString()
    {
        var query = new QueryBuilder();
        query.Add("labelSelector", LabelSelector).Add("fieldSelector", FieldSelector).Add("continue", Continue).Add("resourceVersion", ResourceVersion);
        query.Add("limit", Limit?.ToString(CultureInfo.InvariantCulture));
        return query.ToString();
    }
}

/// <summary>What a watch may be narrowed by, and where it starts.</summary>
public sealed record WatchQuery
{
    /// <summary>Label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Events after this version.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>The server closes the stream after this many seconds.</summary>
    public int TimeoutSeconds { get; init; } = 600;

    internal string ToQueryString()
    {
        var query = new QueryBuilder();
        query.Add("watch", "true").Add("allowWatchBookmarks", "true").Add("labelSelector", LabelSelector).Add("fieldSelector", FieldSelector);
        query.Add("resourceVersion", ResourceVersion).Add("timeoutSeconds", TimeoutSeconds.ToString(CultureInfo.InvariantCulture));
        return query.ToString();
    }
}

/// <summary>How a deletion goes: grace, cascade, preconditions.</summary>
public sealed record DeleteOptions
{
    /// <summary>Always <c>v1</c>.</summary>
    public string ApiVersion => "v1";

    /// <summary>Always <c>DeleteOptions</c>.</summary>
    public string Kind => "DeleteOptions";

    /// <summary>Seconds a pod has to stop.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary>Delete only this very object.</summary>
    public DeletePreconditions? Preconditions { get; init; }
}

/// <summary>What must hold for a deletion to happen.</summary>
public sealed record DeletePreconditions
{
    /// <summary>The object's uid.</summary>
    [JsonPropertyName("uid")]
    public string? Uid { get; init; }

    /// <summary>The object's version.</summary>
    public string? ResourceVersion { get; init; }
}

internal sealed class QueryBuilder
{
    private readonly StringBuilder _text = new();

    public QueryBuilder Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public override string ToString() => _text.ToString();
}
