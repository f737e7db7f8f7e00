using System.CommandLine;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

internal static class DownCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("down", "Stop the cloud and all its containers; data is kept and 'sealos up' brings everything back (as root)");
        command.SetAction(async (parsed, ct) =>
        {
            CommandContext.RequireRoot("down");
            await new CloudTeardown(context.Cloud(parsed), context.Time, context.Terminal.Say).StopAsync(ct).ConfigureAwait(false);
            context.Terminal.Say("The cloud is stopped; its data is kept.");
            return ExitCodes.Ok;
        });
        return command;
    }
}
