using System.CommandLine;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

internal static class ServerCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("server", "Run the server in the foreground (as root); 'sealos up' starts it in the background");
        command.SetAction(async (parsed, ct) =>
        {
            CommandContext.RequireRoot("server");
            return await ServerProcess.RunAsync(context.Cloud(parsed), context.Time, ct).ConfigureAwait(false) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }
}
