using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Admission;

/// <summary>What a connection is asked for with, as the object that admission judges.</summary>
internal static class ConnectOptions
{
    private static readonly string[] Flags = ["stdin", "stdout", "stderr", "tty"];

    public static AdmissionAttributes Attributes(ApiRequest request, string kind)
    {
        var options = new JsonObject { ["kind"] = kind, ["apiVersion"] = "v1" };
        switch (kind)
        {
            case "PodAttachOptions" or "PodExecOptions":
                SetStreams(options, request);
                break;
            case "PodPortForwardOptions":
                SetPorts(options, request);
                break;
            default:
                SetText(options, "path", request.Info.Rest);
                break;
        }

        return new AdmissionAttributes(Operation.Connect, request.Resource, request.WriteContext(dryRun: false))
        {
            Namespace = request.Namespace,
            Name = request.Name,
            Object = options,
        };
    }

    private static void SetStreams(JsonObject options, ApiRequest request)
    {
        foreach (var flag in Flags.Where(request.Flag))
        {
            options[flag] = true;
        }

        SetText(options, "container", request.Parameter("container"));
        var command = request.Query["command"];
        if (command.Count > 0)
        {
            options["command"] = new JsonArray([.. command.Select(word => (JsonNode?)word)]);
        }
    }

    private static void SetPorts(JsonObject options, ApiRequest request)
    {
        var ports = request.Query["ports"].Select(text => int.TryParse(text, out var port) ? port : 0).Where(port => port > 0).ToList();
        if (ports.Count > 0)
        {
            options["ports"] = new JsonArray([.. ports.Select(port => (JsonNode?)port)]);
        }
    }

    private static void SetText(JsonObject options, string name, string value)
    {
        if (value.Length > 0)
        {
            options[name] = value;
        }
    }
}
