using System.CommandLine;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Workspace;

/// <summary>Making, choosing, renaming and deleting workspaces.</summary>
internal static class WorkspaceLifeCommands
{
    public static IEnumerable<Command> Create(CommandContext context, WorkspaceScope scope) => [New(context, scope), List(context, scope), Use(scope), Rename(scope), Delete(scope)];

    private static Command New(CommandContext context, WorkspaceScope scope)
    {
        var name = new Argument<string>("NAME") { Description = "What people are to call it" };
        var use = new Option<bool>("--use") { Description = "Let further commands be about it" };
        var format = CommandContext.Format();
        var command = new Command("create", "Make a workspace that you can share\n\nExample:\n  sealos workspace create Shop --use") { name, use, format };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var made = await connection.SendAsync<WorkspaceView>(HttpMethod.Post, "workspaces", new WorkspaceRequest(parsed.GetValue(name)), ct).ConfigureAwait(false);
            if (parsed.GetValue(use))
            {
                scope.Use(parsed, made);
            }

            scope.Account.Print(parsed.GetValue(format), made, Head, [Row(made, parsed.GetValue(use) ? made.Namespace : context.RequireCurrent(parsed).Workspace)]);
        }, ct));
        return command;
    }

    private static Command List(CommandContext context, WorkspaceScope scope)
    {
        var format = CommandContext.Format();
        var all = new Option<bool>("--all") { Description = "Everybody's (as the cloud's operator)" };
        var search = new Option<string?>("--search") { Description = "With --all: only those whose name or id holds this", HelpName = "TEXT" };
        var command = new Command("list", "List the workspaces you are in; the current one bears a star\n\nExample:\n  sealos workspace list") { format, all, search };
        command.Aliases.Add("ls");
        command.SetAction((parsed, ct) => parsed.GetValue(all) ? WorkspaceOperatorCommands.ListAsync(context, parsed, parsed.GetValue(search), parsed.GetValue(format), ct) : scope.WithAsync(parsed, async connection =>
        {
            var own = (await connection.GetAsync<ItemList<WorkspaceView>>("workspaces", ct).ConfigureAwait(false)).Items;
            var current = context.RequireCurrent(parsed).Workspace;
            scope.Account.Print(parsed.GetValue(format), own, Head, [.. own.Select(w => Row(w, current))]);
        }, ct));
        return command;
    }

    private static Command Use(WorkspaceScope scope)
    {
        var id = Id();
        var command = new Command("use", "Let further commands be about another workspace\n\nExample:\n  sealos workspace use ns-shop1234") { id };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var found = await connection.GetAsync<WorkspaceView>($"workspaces/{Account.AccountScope.Part(parsed.GetValue(id)!)}", ct).ConfigureAwait(false);
            scope.Use(parsed, found);
            scope.Account.Say($"Commands are about {found.Name} ({found.Namespace}) from now on; you are {found.Role} there.");
        }, ct));
        return command;
    }

    private static Command Rename(WorkspaceScope scope)
    {
        var name = new Argument<string>("NAME") { Description = "What people are to call it" };
        var command = new Command("rename", "Rename a workspace; its id stays\n\nExample:\n  sealos workspace rename Store --workspace ns-shop1234") { name };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var now = await connection.SendAsync<WorkspaceView>(HttpMethod.Patch, scope.Path(parsed), new WorkspaceRequest(parsed.GetValue(name)), ct).ConfigureAwait(false);
            scope.Account.Say($"The workspace {now.Id} is called {now.Name} now.");
        }, ct));
        return command;
    }

    private static Command Delete(WorkspaceScope scope)
    {
        var id = Id();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("delete", "Delete a workspace with all that is in it, which is shown first\n\nExample:\n  sealos workspace delete ns-shop1234") { id, yes };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var path = $"workspaces/{Account.AccountScope.Part(parsed.GetValue(id)!)}";
            var found = await connection.GetAsync<WorkspaceView>(path, ct).ConfigureAwait(false);
            var contents = (await connection.GetAsync<ItemList<ContentView>>(path + "/contents", ct).ConfigureAwait(false)).Items;
            var held = contents.Count == 0 ? "It is empty." : $"It holds {string.Join(", ", contents.Select(c => $"{c.Count} {c.Kind}"))}.";
            if (parsed.GetValue(yes) || scope.Account.Confirm($"This deletes the workspace {found.Name} for all its members. {held}", found.Id))
            {
                await connection.DoAsync(HttpMethod.Delete, path, null, ct).ConfigureAwait(false);
                scope.Account.Say($"The workspace {found.Name} is deleted.");
            }
        }, ct));
        return command;
    }

    private static readonly string[] Head = ["", "ID", "NAME", "NAMESPACE", "KIND", "ROLE", "OWNER", "STATE"];

    private static string[] Row(WorkspaceView w, string current) => [w.Namespace == current ? "*" : "", w.Id, w.Name, w.Namespace, w.Kind, w.Role, w.Owner, w.State];

    private static Argument<string> Id() => new("ID") { Description = "Its id or namespace, as 'sealos workspace list' shows it" };
}
