using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sealos.Cli.Commands;

/// <summary>Every command of the program, in the order help shows them.</summary>
internal static class CommandTree
{
    public static RootCommand Build(CommandContext context)
    {
        var root = new RootCommand("Sealos: a cloud on your machine, used like one computer.\n\nStart with 'sealos up', then 'sealos app create'.\nExit codes: 0 done, 1 failed, 2 bad input, 3 not running, 4 unhealthy, 5 not found, 6 not allowed, 7 timed out.");
        root.Options.Add(context.Instance);
        root.Options.Add(context.DataFolder);
        root.Options.Add(context.KubeConfigFile);
        root.Options.Add(context.ContextName);
        root.Subcommands.Add(UpCommand.Create(context));
        root.Subcommands.Add(DownCommand.Create(context));
        root.Subcommands.Add(BackupCommand.Create(context));
        root.Subcommands.Add(RestoreCommand.Create(context));
        root.Subcommands.Add(ResetCommand.Create(context));
        root.Subcommands.Add(StatusCommand.Create(context));
        root.Subcommands.Add(InstallCommand.Create(context));
        root.Subcommands.Add(UninstallCommand.Create(context));
        root.Subcommands.Add(App.AppCommand.Create(context));
        root.Subcommands.Add(Component.ComponentCommand.Create(context));
        root.Subcommands.Add(ImageCommand.Create(context));
        root.Subcommands.Add(Account.LoginCommand.Create(context));
        root.Subcommands.Add(Account.LoginCommand.CreateSignUp(context));
        root.Subcommands.Add(Account.LogoutCommand.Create(context));
        root.Subcommands.Add(Account.ContextCommand.Create(context));
        root.Subcommands.Add(Account.WhoAmICommand.Create(context));
        root.Subcommands.Add(Account.AccountCommand.Create(context));
        root.Subcommands.Add(Workspace.WorkspaceCommand.Create(context));
        root.Subcommands.Add(Account.TokenCommand.Create(context));
        root.Subcommands.Add(Account.SessionCommand.Create(context));
        root.Subcommands.Add(User.UserCommand.Create(context));
        root.Subcommands.Add(AnnounceCommand.Create(context));
        root.Subcommands.Add(AuditCommand.Create(context));
        root.Subcommands.Add(User.SignInCommand.Create(context));
        root.Subcommands.Add(AdminCommand.Create(context));
        root.Subcommands.Add(KubeConfigCommand.Create(context));
        root.Subcommands.Add(TrustCommand.Create(context));
        root.Subcommands.Add(VersionCommand.Create(context));
        root.Subcommands.Add(ServerCommand.Create(context));
        root.Subcommands.Add(EdgeCommand.Create(context));
        return root;
    }

    /// <summary>The command as typed, such as <c>sealos app create</c>.</summary>
    public static string PathOf(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? current = result; current is not null; current = current.Parent)
        {
            if (current is CommandResult command)
            {
                names.Push(command.Command is RootCommand ? "sealos" : command.Command.Name);
            }
        }

        return string.Join(' ', names);
    }
}
