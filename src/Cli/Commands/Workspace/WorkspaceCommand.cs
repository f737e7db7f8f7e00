using System.CommandLine;
using Sealos.Cli.Commands.Account;
using Sealos.Cli.Contexts;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Workspace;

/// <summary><c>sealos workspace</c>: your own workspace and those you share.</summary>
internal static class WorkspaceCommand
{
    public static Command Create(CommandContext context)
    {
        var scope = new WorkspaceScope(context);
        var command = new Command("workspace", "Your own workspace, and those you share with others") { scope.Workspace };
        command.Aliases.Add("ws");
        foreach (var part in WorkspaceLifeCommands.Create(context, scope).Concat(WorkspaceMemberCommands.Create(scope)).Concat(WorkspaceInvitationCommands.Create(context, scope)).Concat(WorkspaceOperatorCommands.Create(context)))
        {
            command.Subcommands.Add(part);
        }

        return command;
    }
}

/// <summary>Which workspace is meant.</summary>
internal sealed class WorkspaceScope(CommandContext context)
{
    public AccountScope Account { get; } = new(context);

    public Option<string?> Workspace { get; } = new("--workspace", "-n") { Description = "The workspace, by id or namespace (default: that of your context)", Recursive = true, HelpName = "ID" };

    /// <summary>The path of the workspace that is meant.</summary>
    public string Path(ParseResult parsed, string rest = "") => $"workspaces/{AccountScope.Part(Id(parsed))}{rest}";

    public string Id(ParseResult parsed) => parsed.GetValue(Workspace) ?? context.RequireCurrent(parsed).Workspace;

    public Task<int> WithAsync(ParseResult parsed, Func<ServicesConnection, Task> work, CancellationToken ct) => Account.WithAsync(parsed, work, ct);

    /// <summary>Lets further commands be about a workspace.</summary>
    public void Use(ParseResult parsed, WorkspaceView workspace)
    {
        var all = context.Contexts.Load();
        var current = context.RequireCurrent(parsed) with { Workspace = workspace.Namespace };
        context.Contexts.Save(new CloudContexts { Current = all.Current, Contexts = [.. all.Contexts.Select(c => c.Name == current.Name ? current : c)] });
    }

    /// <summary>Lets further commands be about the person's own workspace where they were about one they have left.</summary>
    public void UseOwn(ParseResult parsed, WorkspaceView left, WhoAmI who)
    {
        if (context.RequireCurrent(parsed).Workspace == left.Namespace)
        {
            Use(parsed, left with { Namespace = who.Workspace });
        }
    }
}
