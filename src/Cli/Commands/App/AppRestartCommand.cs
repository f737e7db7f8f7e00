using System.CommandLine;

namespace Sealos.Cli.Commands.App;

internal static class AppRestartCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var name = AppScope.Name();
        var wait = new AppWait();
        var command = new Command("restart", "Replace every instance of an app by a new one, without a gap") { name };
        wait.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var ns = scope.Namespace(parsed);
            return await scope.WithAsync(parsed, async launchpad =>
            {
                var app = await AppScope.GetAsync(launchpad, ns, parsed.GetValue(name)!, ct).ConfigureAwait(false);
                await launchpad.RestartAsync(ns, app.Form.Name, ct).ConfigureAwait(false);
                if (wait.IsWanted(parsed))
                {
                    await wait.UntilReadyAsync(context, launchpad, app, parsed, ct).ConfigureAwait(false);
                }

                context.Terminal.Say($"App '{app.Form.Name}' {(wait.IsWanted(parsed) ? "was restarted" : "is restarting")}.");
                return ExitCodes.Ok;
            }, ct).ConfigureAwait(false);
        });
        return command;
    }
}
