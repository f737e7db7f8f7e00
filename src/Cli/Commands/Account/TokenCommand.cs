using System.CommandLine;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Account;

/// <summary><c>sealos token</c>: credentials for programs.</summary>
internal static class TokenCommand
{
    public static Command Create(CommandContext context)
    {
        var scope = new AccountScope(context);
        var command = new Command("token", "Personal tokens: credentials for programs, with one role in chosen workspaces");
        command.Subcommands.Add(New(context, scope));
        command.Subcommands.Add(List(scope));
        command.Subcommands.Add(Revoke(scope));
        return command;
    }

    private static Command New(CommandContext context, AccountScope scope)
    {
        var name = new Argument<string>("NAME") { Description = "What you call it" };
        var role = new Option<string>("--role") { Description = "Owner, Manager or Developer; never more than you are", DefaultValueFactory = _ => "Developer", HelpName = "ROLE" };
        var workspaces = new Option<string[]>("--workspace", "-n") { Description = "A workspace it is for, by id or namespace; may be given again (default: the current one)", HelpName = "ID" };
        var expires = new Option<string?>("--expires-in") { Description = "For how long it holds, such as 12h or 30d (default 30d, at most 365d)", HelpName = "DURATION" };
        var command = new Command("create", "Make a token and print it, this once\n\nExample:\n  sealos token create ci --role Manager --workspace ns-shop1234 --expires-in 90d") { name, role, workspaces, expires };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var chosen = parsed.GetValue(workspaces) is { Length: > 0 } given ? given : [context.RequireCurrent(parsed).Workspace];
            var made = await connection.SendAsync<TokenView>(HttpMethod.Post, "tokens", new TokenCreation(parsed.GetValue(name), parsed.GetValue(role), chosen, parsed.GetValue(expires)), ct).ConfigureAwait(false);
            context.Terminal.Say($"Token {made.Id} ({made.Role} in {string.Join(", ", made.Workspaces)}), shown this once:");
            context.Terminal.Line(made.Token!);
        }, ct));
        return command;
    }

    private static Command List(AccountScope scope)
    {
        var format = CommandContext.Format();
        var command = new Command("list", "List your tokens\n\nExample:\n  sealos token list") { format };
        command.Aliases.Add("ls");
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var all = (await connection.GetAsync<ItemList<TokenView>>("tokens", ct).ConfigureAwait(false)).Items;
            scope.Print(parsed.GetValue(format), all, ["ID", "NAME", "ROLE", "WORKSPACES", "ENDS IN"], [.. all.Select(t => new[] { t.Id, t.Name, t.Role, string.Join(',', t.Workspaces), scope.Until(t.Expires) })]);
        }, ct));
        return command;
    }

    private static Command Revoke(AccountScope scope)
    {
        var id = new Argument<string>("ID") { Description = "Its id, as 'sealos token list' shows it" };
        var command = new Command("revoke", "End a token at once\n\nExample:\n  sealos token revoke token-0123456789") { id };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            await connection.DoAsync(HttpMethod.Delete, $"tokens/{AccountScope.Part(parsed.GetValue(id)!)}", null, ct).ConfigureAwait(false);
            scope.Say("The token has ended.");
        }, ct));
        return command;
    }
}
