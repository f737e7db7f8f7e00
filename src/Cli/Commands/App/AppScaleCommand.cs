using System.CommandLine;
using Sealos.OsServices.Apps;

namespace Sealos.Cli.Commands.App;

internal static class AppScaleCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var name = AppScope.Name();
        var replicas = new Option<int>("--replicas") { Description = $"Instances to run, 0 to {AppRules.MostReplicas}", Required = true, HelpName = "N" };
        var wait = new AppWait();
        var command = new Command("scale", "Change how many instances of an app run") { name, replicas };
        wait.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            AppScope.Refuse(AppRules.CheckReplicas(parsed.GetValue(replicas)));
            var ns = scope.Namespace(parsed);
            return await scope.WithAsync(parsed, async launchpad =>
            {
                var app = await AppScope.GetAsync(launchpad, ns, parsed.GetValue(name)!, ct).ConfigureAwait(false);
                await launchpad.ScaleAsync(ns, app.Form.Name, parsed.GetValue(replicas), ct).ConfigureAwait(false);
                if (wait.IsWanted(parsed))
                {
                    await wait.UntilReadyAsync(context, launchpad, app, parsed, ct).ConfigureAwait(false);
                }

                context.Terminal.Say($"App '{app.Form.Name}' has {parsed.GetValue(replicas)} instances{(wait.IsWanted(parsed) ? "" : " to run")}.");
                return ExitCodes.Ok;
            }, ct).ConfigureAwait(false);
        });
        return command;
    }
}
