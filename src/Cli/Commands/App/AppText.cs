using System.Text.Json.Nodes;
using Sealos.Host.Configuration;
using Sealos.OsServices.Apps;

namespace Sealos.Cli.Commands.App;

/// <summary>Apps as documents and as words.</summary>
internal static class AppText
{
    public static string State(AppView app) => app.State switch
    {
        AppState.Running => "running",
        AppState.Starting => "starting",
        AppState.Stopped => "stopped",
        _ => "failing",
    };

    public static JsonObject Document(AppView app, CloudOptions cloud) => new()
    {
        ["name"] = app.Form.Name,
        ["workspace"] = app.Namespace,
        ["state"] = State(app),
        ["message"] = app.Message.Length == 0 ? null : app.Message,
        ["image"] = app.Form.Image,
        ["replicas"] = app.Form.Replicas,
        ["ready"] = app.Ready,
        ["cpu"] = app.Form.Cpu,
        ["memory"] = app.Form.Memory,
        ["environment"] = new JsonArray([.. app.Form.Environment.Select(v => (JsonNode)new JsonObject { ["name"] = v.Name, ["value"] = v.Value })]),
        ["ports"] = new JsonArray([.. app.Form.Ports.Select(p => (JsonNode)new JsonObject { ["number"] = p.Number, ["public"] = p.IsPublic, ["address"] = p.Host is null ? null : cloud.AddressOf(p.Host) })]),
        ["address"] = app.Hosts.Count == 0 ? null : cloud.AddressOf(app.Hosts[0]),
        ["created"] = app.Created?.ToString("O"),
    };
}
