using System.CommandLine;
using System.Diagnostics;

namespace Sealos.Cli.Commands.App;

internal static class AppOpenCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var name = AppScope.Name();
        var command = new Command("open", "Print an app's address and open it in the browser where there is one") { name };
        command.SetAction(async (parsed, ct) =>
        {
            var ns = scope.Namespace(parsed);
            var app = await scope.WithAsync(parsed, l => AppScope.GetAsync(l, ns, parsed.GetValue(name)!, ct), ct).ConfigureAwait(false);
            if (app.Hosts.Count == 0)
            {
                throw new CliException(ExitCodes.NotFound, $"app '{app.Form.Name}' has no public address");
            }

            var address = scope.Cloud(parsed).AddressOf(app.Hosts[0]);
            context.Terminal.Line(address);
            if (context.Terminal.IsInteractive && Environment.GetEnvironmentVariable("DISPLAY") is { Length: > 0 } && File.Exists("/usr/bin/xdg-open"))
            {
                using var browser = Process.Start(new ProcessStartInfo("/usr/bin/xdg-open", [address]));
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
