using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Http;

/// <summary>What a client wants objects turned into.</summary>
internal enum Transform
{
    None,
    Table,
    PartialObject,
}

/// <summary>The form of the answer, as the Accept header and <c>pretty</c> ask for it.</summary>
internal readonly record struct Output(Transform Transform, string? Version, bool IsPretty)
{
    private const string Offered = "application/json, application/json;stream=watch";
    private static readonly string[] ConsoleAgents = ["curl", "Wget", "Mozilla/5.0"];

    /// <summary>Chooses the first form the client lists that can be given; kinds that are not stored have no table.</summary>
    public static Output Negotiate(HttpRequest request, bool hasTable)
    {
        var pretty = IsPrettyWanted(request);
        var accept = request.Headers.Accept;
        if (accept.Count == 0 || (accept.Count == 1 && string.IsNullOrEmpty(accept[0])))
        {
            return new Output(Transform.None, null, pretty);
        }

        foreach (var header in accept)
        {
            foreach (var clause in (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (TryParse(clause, pretty) is { } output && (hasTable || output.Transform != Transform.Table))
                {
                    return output;
                }
            }
        }

        throw ApiException.NotAcceptable(Offered);
    }

    private static Output? TryParse(string clause, bool pretty)
    {
        var parts = clause.Split(';', StringSplitOptions.TrimEntries);
        if (parts[0] is not ("application/json" or "*/*" or "application/*"))
        {
            return null;
        }

        string? kind = null, group = null, version = null;
        foreach (var parameter in parts.AsSpan(1))
        {
            var pair = parameter.Split('=', 2);
            var value = pair.Length == 2 ? pair[1] : "";
            switch (pair[0])
            {
                case "as":
                    kind = value;
                    break;
                case "g":
                    group = value;
                    break;
                case "v":
                    version = value;
                    break;
                case "pretty":
                    pretty = value == "1" || pretty;
                    break;
            }
        }

        return (kind, group, version) switch
        {
            (null, _, _) => new Output(Transform.None, null, pretty),
            ("Table", "meta.k8s.io", "v1" or "v1beta1") => new Output(Transform.Table, version, pretty),
            ("PartialObjectMetadata" or "PartialObjectMetadataList", "meta.k8s.io", "v1" or "v1beta1") => new Output(Transform.PartialObject, version, pretty),
            _ => null,
        };
    }

    /// <summary>Whether a person reads the answer: asked for, or likely by the client.</summary>
    public static bool IsPrettyWanted(HttpRequest request)
    {
        if (request.Query.TryGetValue("pretty", out var pretty))
        {
            return pretty != "false" && pretty != "0";
        }

        var agent = request.Headers.UserAgent.ToString();
        return ConsoleAgents.Any(a => agent.StartsWith(a, StringComparison.Ordinal));
    }
}
