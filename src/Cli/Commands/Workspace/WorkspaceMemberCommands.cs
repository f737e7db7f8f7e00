using System.CommandLine;
using Sealos.Cli.Commands.Account;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Workspace;

/// <summary>Who is in a workspace, and as what.</summary>
internal static class WorkspaceMemberCommands
{
    public static IEnumerable<Command> Create(WorkspaceScope scope) => [Members(scope), Role(scope), Remove(scope), Leave(scope), Transfer(scope)];

    private static Command Members(WorkspaceScope scope)
    {
        var format = CommandContext.Format();
        var command = new Command("members", "List who is in a workspace\n\nExample:\n  sealos workspace members") { format };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var all = (await connection.GetAsync<ItemList<MemberView>>(scope.Path(parsed, "/members"), ct).ConfigureAwait(false)).Items;
            scope.Account.Print(parsed.GetValue(format), all, ["USER", "NAME", "ROLE"], [.. all.Select(m => new[] { m.User, m.Name, m.Role })]);
        }, ct));
        return command;
    }

    private static Command Role(WorkspaceScope scope)
    {
        var user = User();
        var role = new Argument<string>("ROLE") { Description = "Manager or Developer" };
        var command = new Command("role", "Give a member another role\n\nExample:\n  sealos workspace role ben Manager") { user, role };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            await connection.DoAsync(HttpMethod.Put, scope.Path(parsed, $"/members/{AccountScope.Part(parsed.GetValue(user)!)}"), new RoleRequest(parsed.GetValue(role)), ct).ConfigureAwait(false);
            scope.Account.Say($"{parsed.GetValue(user)} is {parsed.GetValue(role)} now.");
        }, ct));
        return command;
    }

    private static Command Remove(WorkspaceScope scope)
    {
        var user = User();
        var command = new Command("remove", "Take a member out of a workspace\n\nExample:\n  sealos workspace remove ben") { user };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            await connection.DoAsync(HttpMethod.Delete, scope.Path(parsed, $"/members/{AccountScope.Part(parsed.GetValue(user)!)}"), null, ct).ConfigureAwait(false);
            scope.Account.Say($"{parsed.GetValue(user)} is no member any more.");
        }, ct));
        return command;
    }

    private static Command Leave(WorkspaceScope scope)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("leave", "Leave a workspace that is not yours\n\nExample:\n  sealos workspace leave --workspace ns-shop1234") { yes };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var who = await connection.GetAsync<WhoAmI>("whoami", ct).ConfigureAwait(false);
            var left = await connection.GetAsync<WorkspaceView>(scope.Path(parsed), ct).ConfigureAwait(false);
            if (parsed.GetValue(yes) || scope.Account.Confirm($"You come back into {left.Name} by invitation only.", left.Id))
            {
                await connection.DoAsync(HttpMethod.Delete, scope.Path(parsed, $"/members/{AccountScope.Part(who.User)}"), null, ct).ConfigureAwait(false);
                scope.UseOwn(parsed, left, who);
                scope.Account.Say($"You have left {left.Name}.");
            }
        }, ct));
        return command;
    }

    private static Command Transfer(WorkspaceScope scope)
    {
        var user = User();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("transfer", "Make another member the owner of a workspace, and yourself a developer\n\nExample:\n  sealos workspace transfer ben") { user, yes };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var name = parsed.GetValue(user)!;
            if (parsed.GetValue(yes) || scope.Account.Confirm($"This makes {name} the owner, and you a developer.", name))
            {
                await connection.DoAsync(HttpMethod.Post, scope.Path(parsed, "/transfer"), new UserRequest(name), ct).ConfigureAwait(false);
                scope.Account.Say($"{name} owns the workspace now.");
            }
        }, ct));
        return command;
    }

    private static Argument<string> User() => new("USER") { Description = "The member's user name" };
}
