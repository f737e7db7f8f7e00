using System.CommandLine;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos admin</c>: what only the machine's operator does.</summary>
internal static class AdminCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("admin", "Operate the cloud itself");
        var reset = new Command("reset-password", "Give the user 'admin' a new password and print it once; their sessions, passkeys, linked identities, authenticator and tokens end");
        reset.SetAction(async (parsed, ct) =>
        {
            using var client = await context.ConnectAsync(parsed, ct).ConfigureAwait(false);
            var password = await new UserDirectory(client).ResetPasswordAsync(UserDirectory.AdminName, ct).ConfigureAwait(false);
            context.Terminal.Say($"New password of '{UserDirectory.AdminName}' (shown this once, stored only as a hash):");
            context.Terminal.Line(password);
            return ExitCodes.Ok;
        });
        command.Subcommands.Add(reset);
        return command;
    }
}
