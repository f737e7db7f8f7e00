using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.Host;

namespace Sealos.Cli.Commands;

internal static class VersionCommand
{
    public static Command Create(CommandContext context)
    {
        var format = CommandContext.Format();
        var command = new Command("version", "Print the version of this program and of the Kubernetes API it serves") { format };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(new JsonObject { ["version"] = ProductVersion.Text, ["kubernetes"] = ProductVersion.Kubernetes }, chosen);
            }
            else
            {
                context.Terminal.Line($"sealos {ProductVersion.Text} (Kubernetes API {ProductVersion.Kubernetes})");
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
