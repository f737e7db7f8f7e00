using System.CommandLine;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands.User;

internal static class UserDeleteCommand
{
    public static Command Create(CommandContext context)
    {
        var name = UserCommand.Name();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("delete", "Delete a user or team with everything in the workspace; what that is, is said first") { name, yes };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (_, users) =>
        {
            var user = (await UserCommand.GetAsync(users, parsed.GetValue(name)!, ct).ConfigureAwait(false)).Metadata.Name!;
            if (user == UserDirectory.AdminName)
            {
                throw new CliException(ExitCodes.Usage, $"'{user}' is the operator's own user and stays; lock it with 'sealos user lock {user}'");
            }

            var (pods, volumes, services, teams) = await users.HoldingsAsync(user, ct).ConfigureAwait(false);
            context.Terminal.Say($"Workspace {UserDirectory.WorkspaceOf(user)} holds {pods} pods, {volumes} volumes and {services} services. All of it goes, and cannot be brought back.");
            if (teams.Count > 0)
            {
                context.Terminal.Say($"The teams that '{user}' owns go too: {string.Join(", ", teams)}. Hand them over first to keep them.");
            }

            if (!parsed.GetValue(yes) && !Confirm(context, user))
            {
                context.Terminal.Say("Nothing was changed.");
                return ExitCodes.Failed;
            }

            await users.DeleteAsync(user, ct).ConfigureAwait(false);
            context.Terminal.Say($"User '{user}' is being deleted; nobody can act as them any more.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static bool Confirm(CommandContext context, string user) =>
        (context.Terminal.Ask($"Type '{user}' to go on:") ?? throw new CliException(ExitCodes.Usage, "nobody is there to confirm: use --yes to delete without asking")).Trim() == user;
}
