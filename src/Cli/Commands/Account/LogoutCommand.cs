using System.CommandLine;
using Sealos.Cli.Contexts;

namespace Sealos.Cli.Commands.Account;

internal static class LogoutCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("logout", "End your session of the current cloud, and forget it here\n\nExample:\n  sealos logout");
        command.SetAction(async (parsed, ct) =>
        {
            var current = context.RequireCurrent(parsed);
            using var connection = ServicesConnection.To(current);
            try
            {
                await connection.DoAsync(HttpMethod.Post, "sign-out", null, ct).ConfigureAwait(false);
            }
            catch (CliException e) when (e.ExitCode is ExitCodes.Forbidden or ExitCodes.NotRunning)
            {
                // The session has ended by itself, or ends when the cloud comes back and its time is up.
                context.Terminal.Say($"The cloud was not told: {e.Message}");
            }

            context.Contexts.Save(context.Contexts.Load().Without(current.Name));
            context.Terminal.Say($"Signed out of {current.Name}.");
            return ExitCodes.Ok;
        });
        return command;
    }
}
