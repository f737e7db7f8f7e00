using System.CommandLine;
using Sealos.OsServices.Operators;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands.User;

/// <summary>Acting as a user, who is told of it.</summary>
internal static class UserImpersonateCommand
{
    public static Command Create(CommandContext context)
    {
        var name = UserCommand.Name();
        var reason = new Option<string>("--reason") { Description = "Why; the user reads it", HelpName = "TEXT", Required = true };
        var lasting = new Option<string?>("--for") { Description = "For how long, at most 1h (default 30m)", HelpName = "TIME" };
        var command = new Command(
            "impersonate",
            "Open a short session of a user, who is told who did so and why, and print its token once\n\nExample:\n  sealos user impersonate ada --reason 'ticket 12: app does not start' --for 15m | sealos login https://CLOUD --token-stdin --name ada")
        {
            name, reason, lasting,
        };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            var user = parsed.GetValue(name)!;
            var grant = await new Impersonation(client, context.Time)
                .OpenAsync(user, UserDirectory.AdminName, new ImpersonationRequest(parsed.GetValue(reason), parsed.GetValue(lasting)), ct).ConfigureAwait(false);
            context.Terminal.Say($"A session of '{user}' until {grant.Expires:u}; they have been told. It cannot change how they sign in. Its token (shown this once):");
            context.Terminal.Line(grant.Token);
            return ExitCodes.Ok;
        }, ct));
        return command;
    }
}
