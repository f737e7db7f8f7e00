using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;

namespace Sealos.Cli.Commands.App;

internal static class AppListCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var all = new Option<bool>("--all", "-A") { Description = "Apps of every workspace you may see" };
        var format = CommandContext.Format();
        var command = new Command("list", "List apps") { all, format };
        command.Aliases.Add("ls");
        command.SetAction(async (parsed, ct) =>
        {
            var apps = await scope.WithAsync(parsed, l => l.ListAsync(parsed.GetValue(all) ? null : scope.Namespace(parsed), ct), ct).ConfigureAwait(false);
            var cloud = scope.Cloud(parsed);
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(new JsonArray([.. apps.Select(a => (JsonNode)AppText.Document(a, cloud))]), chosen);
                return ExitCodes.Ok;
            }

            if (apps.Count == 0)
            {
                context.Terminal.Say("No apps yet. Launch one: sealos app create hello --image sealos.hub/library/hello:1 --port 8080 --public --wait");
                return ExitCodes.Ok;
            }

            var now = context.Time.GetUtcNow();
            context.Terminal.Table(
                ["NAME", "STATE", "READY", "IMAGE", "ADDRESS", "AGE"],
                [.. apps.OrderBy(a => a.Form.Name, StringComparer.Ordinal).Select(a => new[]
                {
                    parsed.GetValue(all) ? $"{a.Namespace}/{a.Form.Name}" : a.Form.Name,
                    AppText.State(a),
                    $"{a.Ready}/{a.Form.Replicas}",
                    a.Form.Image,
                    a.Hosts.Count == 0 ? "-" : cloud.AddressOf(a.Hosts[0]),
                    a.Created is { } created ? Ages.Short(now - created) : "-",
                })]);
            return ExitCodes.Ok;
        });
        return command;
    }
}
