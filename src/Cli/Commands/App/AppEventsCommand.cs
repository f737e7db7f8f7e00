using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.OsServices.Apps;

namespace Sealos.Cli.Commands.App;

internal static class AppEventsCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var name = AppScope.Name();
        var format = CommandContext.Format();
        var command = new Command("events", "Say what happened to an app lately, in plain words, the latest first") { name, format };
        command.SetAction(async (parsed, ct) =>
        {
            var ns = scope.Namespace(parsed);
            return await scope.WithAsync(parsed, async launchpad =>
            {
                var app = await AppScope.GetAsync(launchpad, ns, parsed.GetValue(name)!, ct).ConfigureAwait(false);
                var events = await launchpad.EventsAsync(ns, app.Form.Name, ct).ConfigureAwait(false);
                if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
                {
                    context.Terminal.Document(new JsonArray([.. events.Select(Document)]), chosen);
                    return ExitCodes.Ok;
                }

                var now = context.Time.GetUtcNow();
                context.Terminal.Table(
                    ["AGE", "WHAT", "TIMES", "INSTANCE"],
                    [.. events.Select(e => new[] { Ages.Short(now - e.When), (e.IsProblem ? "! " : "") + e.Words, e.Count.ToString(CultureInfo.InvariantCulture), e.Instance ?? "-" })]);
                return ExitCodes.Ok;
            }, ct).ConfigureAwait(false);
        });
        return command;
    }

    private static JsonNode Document(AppEvent e) => new JsonObject
    {
        ["when"] = e.When.ToString("O", CultureInfo.InvariantCulture),
        ["problem"] = e.IsProblem,
        ["what"] = e.Words,
        ["technical"] = e.Technical,
        ["times"] = e.Count,
        ["instance"] = e.Instance,
    };
}
