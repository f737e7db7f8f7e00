using System.CommandLine;

namespace Sealos.Cli.Commands.App;

internal static class AppDeleteCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var name = AppScope.Name();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("delete", "Delete an app: its instances, its address and its settings") { name, yes };
        command.SetAction(async (parsed, ct) =>
        {
            var ns = scope.Namespace(parsed);
            return await scope.WithAsync(parsed, async launchpad =>
            {
                var app = await AppScope.GetAsync(launchpad, ns, parsed.GetValue(name)!, ct).ConfigureAwait(false);
                if (!parsed.GetValue(yes))
                {
                    var gone = app.Hosts.Count == 0 ? "" : $" and the address {app.Hosts[0]}";
                    var answer = context.Terminal.Ask($"This deletes {app.Form.Replicas} instance(s){gone}. Type '{app.Form.Name}' to go on:");
                    if (answer is null)
                    {
                        throw new CliException(ExitCodes.Usage, "nobody is there to confirm: use --yes to delete without asking");
                    }

                    if (answer.Trim() != app.Form.Name)
                    {
                        context.Terminal.Say("Nothing was changed.");
                        return ExitCodes.Failed;
                    }
                }

                await launchpad.DeleteAsync(ns, app.Form.Name, ct).ConfigureAwait(false);
                context.Terminal.Say($"App '{app.Form.Name}' is deleted.");
                return ExitCodes.Ok;
            }, ct).ConfigureAwait(false);
        });
        return command;
    }
}
