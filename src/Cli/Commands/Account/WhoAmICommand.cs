using System.CommandLine;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Account;

internal static class WhoAmICommand
{
    public static Command Create(CommandContext context)
    {
        var scope = new AccountScope(context);
        var format = CommandContext.Format();
        var command = new Command("whoami", "Say who you are to the current cloud\n\nExample:\n  sealos whoami -o json") { format };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var who = await connection.GetAsync<WhoAmI>("whoami", ct).ConfigureAwait(false);
            scope.Print(parsed.GetValue(format), who, ["USER", "NAME", "OPERATOR", "WORKSPACE"], [[who.User, who.Name, who.IsOperator ? "yes" : "no", context.RequireCurrent(parsed).Workspace]]);
        }, ct));
        return command;
    }
}
