using System.CommandLine;
using Sealos.Host.Configuration;
using Sealos.OsServices.Apps;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands.App;

/// <summary><c>sealos app</c>: the launchpad on the command line.</summary>
internal static class AppCommand
{
    public static Command Create(CommandContext context)
    {
        var scope = new AppScope(context);
        var command = new Command("app", "Launch and run apps") { scope.Workspace };
        command.Subcommands.Add(AppCreateCommand.Create(context, scope));
        command.Subcommands.Add(AppListCommand.Create(context, scope));
        command.Subcommands.Add(AppGetCommand.Create(context, scope));
        command.Subcommands.Add(AppLogsCommand.Create(context, scope));
        command.Subcommands.Add(AppEventsCommand.Create(context, scope));
        command.Subcommands.Add(AppRestartCommand.Create(context, scope));
        command.Subcommands.Add(AppScaleCommand.Create(context, scope));
        command.Subcommands.Add(AppOpenCommand.Create(context, scope));
        command.Subcommands.Add(AppDeleteCommand.Create(context, scope));
        return command;
    }
}

/// <summary>Whose apps are meant, and the launchpad to do it with.</summary>
internal sealed class AppScope(CommandContext context)
{
    public Option<string?> Workspace { get; } = new("--workspace", "-n")
    {
        Description = "The workspace, by its namespace (default: that of your context, else ns-admin)",
        Recursive = true,
        HelpName = "NAMESPACE",
    };

    public static Argument<string> Name() => new("NAME") { Description = $"The app's name: 1 to {AppRules.LongestName} lower-case letters, digits or hyphens, a letter first and no hyphen last" };

    public string Namespace(ParseResult parsed) => parsed.GetValue(Workspace) ?? context.Current(parsed)?.Workspace ?? UserDirectory.WorkspaceOf(UserDirectory.AdminName);

    public CloudOptions Cloud(ParseResult parsed) => context.CloudOfPerson(parsed);

    /// <summary>Runs something on the launchpad and disposes its connection.</summary>
    public async Task<T> WithAsync<T>(ParseResult parsed, Func<AppLaunchpad, Task<T>> work, CancellationToken ct)
    {
        using var client = await context.ConnectPersonAsync(parsed, ct).ConfigureAwait(false);
        return await work(new AppLaunchpad(client, Cloud(parsed).Domain, context.Time)).ConfigureAwait(false);
    }

    /// <summary>An app that must exist.</summary>
    public static async Task<AppView> GetAsync(AppLaunchpad launchpad, string ns, string name, CancellationToken ct) =>
        await launchpad.FindAsync(ns, name, ct).ConfigureAwait(false)
        ?? throw new CliException(ExitCodes.NotFound, $"there is no app '{name}' in {ns}; 'sealos app list' shows what there is");

    /// <summary>Refuses a form, naming every field that is wrong.</summary>
    public static void Refuse(IReadOnlyList<AppFieldError> errors)
    {
        if (errors.Count > 0)
        {
            throw new CliException(ExitCodes.Usage, string.Join("\nerror: ", errors.Select(e => $"{e.Field}: {e.Message}")));
        }
    }
}
