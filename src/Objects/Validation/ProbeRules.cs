using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Probes and lifecycle hooks.</summary>
internal static class ProbeRules
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
    private static readonly string[] Counters = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

    public static void Check(JsonObject probe, string name, string path, ErrorList errors)
    {
        Handler(probe, path, long.MaxValue, errors);
        foreach (var field in Counters)
        {
            errors.NonNegative($"{path}.{field}", probe.Number(field));
        }

        if (name != "readinessProbe" && probe.Number("successThreshold") is { } threshold && threshold != 1)
        {
            errors.Invalid($"{path}.successThreshold", threshold, "must be 1");
        }

        if (probe.Number("terminationGracePeriodSeconds") is { } grace)
        {
            if (name == "readinessProbe")
            {
                errors.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes");
            }
            else if (grace <= 0)
            {
                errors.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0");
            }
        }
    }

    /// <summary>Exactly one way to act, and that one in order.</summary>
    public static void Handler(JsonObject handler, string path, long gracePeriod, ErrorList errors)
    {
        var given = Handlers.Where(h => handler[h] is JsonObject).ToList();
        if (given.Count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }

        foreach (var extra in given.Skip(1))
        {
            errors.Forbidden($"{path}.{extra}", "may not specify more than 1 handler type");
        }

        if (given.Count > 0)
        {
            CheckHandler(handler.Child(given[0])!, given[0], $"{path}.{given[0]}", gracePeriod, errors);
        }
    }

    private static void CheckHandler(JsonObject handler, string kind, string path, long gracePeriod, ErrorList errors)
    {
        switch (kind)
        {
            case "exec":
                if (handler.Array("command") is not { Count: > 0 })
                {
                    errors.Required($"{path}.command");
                }

                break;
            case "httpGet":
                errors.CheckRequired($"{path}.path", handler.Text("path"));
                PortRules.NumberOrName(handler["port"], $"{path}.port", errors);
                foreach (var header in handler.Objects("httpHeaders"))
                {
                    errors.Check($"{path}.httpHeaders", header.Text("name") ?? "", NameRules.HeaderName(header.Text("name") ?? ""));
                }

                break;
            case "tcpSocket":
                PortRules.NumberOrName(handler["port"], $"{path}.port", errors);
                break;
            case "grpc":
                errors.Port($"{path}.port", handler.Number("port") ?? 0);
                break;
            case "sleep":
                var seconds = handler.Number("seconds") ?? 0;
                if (seconds <= 0 || seconds > gracePeriod)
                {
                    errors.Invalid($"{path}.seconds", seconds, string.Create(CultureInfo.InvariantCulture, $"must be greater than 0 and less than terminationGracePeriodSeconds ({gracePeriod})"));
                }

                break;
        }
    }
}
