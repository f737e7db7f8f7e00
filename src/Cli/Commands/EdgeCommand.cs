using System.CommandLine;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

internal static class EdgeCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("edge", "Run DNS and gateway in the foreground; the server starts it as an unprivileged user");
        command.SetAction(async (parsed, ct) =>
        {
            await EdgeProcess.RunAsync(context.Cloud(parsed), context.Time, ct).ConfigureAwait(false);
            return ExitCodes.Ok;
        });
        return command;
    }
}
