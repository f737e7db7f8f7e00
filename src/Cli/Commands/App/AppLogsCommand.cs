using System.CommandLine;

namespace Sealos.Cli.Commands.App;

internal static class AppLogsCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var name = AppScope.Name();
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay and print new lines as they come" };
        var tail = new Option<int?>("--tail") { Description = "Only the last lines of each instance", HelpName = "LINES" };
        var previous = new Option<bool>("--previous", "-p") { Description = "Of the run before the last restart" };
        var command = new Command("logs", "Print what an app's instances write") { name, follow, tail, previous };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(tail) < 0)
            {
                throw new CliException(ExitCodes.Usage, $"--tail: {parsed.GetValue(tail)} must be 0 or more");
            }

            var ns = scope.Namespace(parsed);
            return await scope.WithAsync(parsed, async launchpad =>
            {
                var app = await AppScope.GetAsync(launchpad, ns, parsed.GetValue(name)!, ct).ConfigureAwait(false);
                var options = new OsServices.Apps.LogQuery { Follow = parsed.GetValue(follow), TailLines = parsed.GetValue(tail), Previous = parsed.GetValue(previous) };
                await foreach (var line in launchpad.LogsAsync(ns, app.Form.Name, options, ct).ConfigureAwait(false))
                {
                    context.Terminal.Line(line);
                }

                return ExitCodes.Ok;
            }, ct).ConfigureAwait(false);
        });
        return command;
    }
}
