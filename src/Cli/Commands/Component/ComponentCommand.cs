using System.CommandLine;

namespace Sealos.Cli.Commands.Component;

/// <summary><c>sealos component</c>: what the cloud consists of, added and removed while it runs.</summary>
internal static class ComponentCommand
{
    public static Command Create(CommandContext context)
    {
        var scope = new ComponentScope(context);
        var command = new Command("component", "Add and remove parts of the cloud while it runs (as its operator)\n\nEach is an object of kind Component in the API: 'kubectl get components' shows the same.\n\nExamples:\n  sealos component list\n  sealos component remove metrics\n  sealos component remove gateway --cascade\n  sealos component add desktop");
        command.Subcommands.Add(ComponentListCommand.Create(context, scope));
        command.Subcommands.Add(ComponentAddCommand.Create(context, scope));
        command.Subcommands.Add(ComponentRemoveCommand.Create(context, scope));
        return command;
    }
}
