using System.CommandLine;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands.User;

/// <summary>What an operator does for a person who cannot sign in any more.</summary>
internal static class UserResetCommands
{
    public static Command Password(CommandContext context)
    {
        var name = UserCommand.Name();
        var command = new Command("reset-password", "Give a user a new password and print it once; their sessions, passkeys, linked identities, authenticator and tokens end") { name };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, users) =>
        {
            var user = UserCommand.Person(await UserCommand.GetAsync(users, parsed.GetValue(name)!, ct).ConfigureAwait(false));
            var password = await new UserDirectory(client).ResetPasswordAsync(user, ct).ConfigureAwait(false);
            context.Terminal.Say($"New password of '{user}' (shown this once, stored only as a hash):");
            context.Terminal.Line(password);
            context.Terminal.Say("Their sessions, passkeys, linked identities, authenticator with its recovery codes, kubeconfig and personal tokens have ended.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    public static Command SecondFactor(CommandContext context)
    {
        var name = UserCommand.Name();
        var command = new Command("reset-second-factor", "Take a lost second factor from a user, with its recovery codes: the password alone signs them in") { name };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (_, users) =>
        {
            var user = UserCommand.Person(await UserCommand.GetAsync(users, parsed.GetValue(name)!, ct).ConfigureAwait(false));
            context.Terminal.Say(await users.ResetSecondFactorAsync(user, ct).ConfigureAwait(false) ? $"The second factor of '{user}' is gone." : $"'{user}' has no second factor; nothing was changed.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }
}
