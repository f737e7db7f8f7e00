using System.CommandLine;
using Sealos.Cli.Contexts;
using Sealos.OsServices.Accounts;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Account;

/// <summary><c>sealos account</c>: what you do with your account as a whole.</summary>
internal static class AccountCommand
{
    public static Command Create(CommandContext context)
    {
        var scope = new AccountScope(context);
        var command = new Command("account", "Your account: what it holds, its end, and merging another one into it");
        command.Subcommands.Add(Show(scope));
        command.Subcommands.Add(Delete(context, scope));
        command.Subcommands.Add(Merge(context, scope));
        return command;
    }

    private static Command Show(AccountScope scope)
    {
        var format = CommandContext.Format();
        var command = new Command("show", "Show what would go with your account\n\nExample:\n  sealos account show") { format };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var held = await HoldingsAsync(connection, ct).ConfigureAwait(false);
            scope.Print(parsed.GetValue(format), held, ["WHAT", "WHICH"], [
                ["private workspace", held.Contents.Count == 0 ? "empty" : Words(held.Contents)],
                .. held.Owned.Select(t => new[] { "team you own", $"{t.Name} ({t.Id})" }),
                .. held.Teams.Select(t => new[] { $"team you are {t.Role} of", $"{t.Name} ({t.Id})" }),
            ]);
        }, ct));
        return command;
    }

    private static Command Delete(CommandContext context, AccountScope scope)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("delete", "Delete your account with all that it holds, which is shown first\n\nTeams that you own must be handed over or deleted before.\n\nExample:\n  sealos account delete") { yes };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var held = await HoldingsAsync(connection, ct).ConfigureAwait(false);
            if (held.Obstacle is { } obstacle)
            {
                throw new CliException(ExitCodes.Forbidden, obstacle);
            }

            if (!parsed.GetValue(yes) && !scope.Confirm($"This deletes the account {held.User} for good, and whatever lets it in. {Describe(held)}", held.User))
            {
                return;
            }

            await connection.DoAsync(HttpMethod.Post, "account/delete", new AccountDeletion(held.User), ct).ConfigureAwait(false);
            context.Contexts.Save(context.Contexts.Load().Without(context.RequireCurrent(parsed).Name));
            scope.Say($"The account {held.User} is deleted.");
        }, ct));
        return command;
    }

    private static Command Merge(CommandContext context, AccountScope scope)
    {
        var other = new Argument<string>("OTHER") { Description = "The name of the account that becomes part of the one you are signed in with" };
        var passwordStdin = new Option<bool>("--password-stdin") { Description = "Read the other account's password from standard input" };
        var tokenStdin = new Option<bool>("--token-stdin") { Description = "Read the token of a new session of the other account from standard input, where it signs in without a password" };
        var code = new Option<string?>("--code") { Description = "The code of the other account's second factor; asked for otherwise", HelpName = "CODE" };
        var deleteWorkspace = new Option<bool>("--delete-workspace") { Description = "Delete the other's private workspace with all that is in it; it must be empty otherwise" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("merge", "Make another account of yours part of this one: identities, passkeys, teams and roles pass on, and the other is deleted\n\nExample:\n  sealos account merge ada-old --delete-workspace")
        {
            other, passwordStdin, tokenStdin, code, deleteWorkspace, yes,
        };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var (name, current) = (parsed.GetValue(other)!, context.RequireCurrent(parsed));
            using var open = new ServicesConnection(current.Url, current.Authority, null);
            var token = parsed.GetValue(tokenStdin)
                ? context.Terminal.ReadInput() is { Length: > 0 } line ? line : throw new CliException(ExitCodes.Usage, "standard input holds no token")
                : (await new PasswordLogin(context.Terminal).SignInAsync(open, name, PasswordOf(context, name, parsed.GetValue(passwordStdin)), parsed.GetValue(code), ct).ConfigureAwait(false)).Token;
            using var theirs = new ServicesConnection(current.Url, current.Authority, token);
            var held = await HoldingsAsync(theirs, ct).ConfigureAwait(false);
            if (held.User != name)
            {
                throw new CliException(ExitCodes.Usage, $"the token is of {held.User}, not of {name}; nothing was changed");
            }

            var end = parsed.GetValue(deleteWorkspace) ? $"Its private workspace is deleted: {(held.Contents.Count == 0 ? "it is empty" : Words(held.Contents))}." : "Its private workspace must be empty.";
            if (parsed.GetValue(yes) || scope.Confirm($"This deletes the account {name}; its identities, passkeys and {held.Owned.Count + held.Teams.Count} teams become those of {current.User}. {end}", name))
            {
                var merged = await connection.SendAsync<AccountMerged>(HttpMethod.Post, "account/merge", new AccountMergeRequest(token, parsed.GetValue(deleteWorkspace)), ct).ConfigureAwait(false);
                scope.Say($"The account {merged.From} is part of {merged.Into} now.");
            }
        }, ct));
        return command;
    }

    private static string PasswordOf(CommandContext context, string name, bool fromInput) => fromInput
        ? context.Terminal.ReadInput() is { Length: > 0 } line ? line : throw new CliException(ExitCodes.Usage, "standard input holds no password")
        : context.Terminal.AskSecret($"Password of {name}:") ?? throw new CliException(ExitCodes.Usage, "nobody is there to type a password: use --password-stdin");

    private static Task<AccountHoldings> HoldingsAsync(ServicesConnection connection, CancellationToken ct) => connection.GetAsync<AccountHoldings>("account/holdings", ct);

    private static string Describe(AccountHoldings held) =>
        (held.Contents.Count == 0 ? "Its private workspace is empty." : $"Its private workspace goes with {Words(held.Contents)}.")
        + (held.Teams.Count == 0 ? "" : $" You leave {string.Join(", ", held.Teams.Select(t => t.Name))}.");

    private static string Words(IEnumerable<ContentView> contents) => string.Join(", ", contents.Select(c => $"{c.Count} {c.Kind}"));
}
