using System.CommandLine;
using Sealos.OsServices.SignIn;

namespace Sealos.Cli.Commands.Account;

/// <summary><c>sealos session</c>: where you are signed in.</summary>
internal static class SessionCommand
{
    public static Command Create(CommandContext context)
    {
        var scope = new AccountScope(context);
        var command = new Command("session", "Where you are signed in");
        command.Subcommands.Add(List(scope));
        command.Subcommands.Add(Revoke(scope));
        return command;
    }

    private static Command List(AccountScope scope)
    {
        var format = CommandContext.Format();
        var command = new Command("list", "List your sessions; the one of this command bears a star\n\nExample:\n  sealos session list") { format };
        command.Aliases.Add("ls");
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var all = (await connection.GetAsync<SessionInfoList>("sessions", ct).ConfigureAwait(false)).Items;
            scope.Print(parsed.GetValue(format), all, ["", "ID", "METHOD", "ADDRESS", "ENDS IN", "WITH"], [.. all.Select(s => new[] { s.Current ? "*" : "", s.Id, s.Method, s.Address, scope.Until(s.Expires), s.UserAgent })]);
        }, ct));
        return command;
    }

    private static Command Revoke(AccountScope scope)
    {
        var id = new Argument<string?>("ID") { Description = "Its id, as 'sealos session list' shows it", Arity = ArgumentArity.ZeroOrOne };
        var others = new Option<bool>("--others") { Description = "All but the one of this command" };
        var command = new Command("revoke", "End a session at once\n\nExamples:\n  sealos session revoke session-0123456789\n  sealos session revoke --others") { id, others };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            if (parsed.GetValue(others))
            {
                var ended = await connection.SendAsync<SessionsEnded>(HttpMethod.Post, "sessions/end-others", null, ct).ConfigureAwait(false);
                scope.Say($"{ended.Ended} sessions have ended.");
                return;
            }

            var chosen = parsed.GetValue(id) ?? throw new CliException(ExitCodes.Usage, "ID: missing. Name a session, or give --others");
            await connection.DoAsync(HttpMethod.Delete, $"sessions/{AccountScope.Part(chosen)}", null, ct).ConfigureAwait(false);
            scope.Say("The session has ended.");
        }, ct));
        return command;
    }
}
