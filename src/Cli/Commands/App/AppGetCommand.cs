using System.CommandLine;
using Sealos.Cli.Output;
using Sealos.OsServices.Apps;

namespace Sealos.Cli.Commands.App;

internal static class AppGetCommand
{
    public static Command Create(CommandContext context, AppScope scope)
    {
        var name = AppScope.Name();
        var format = CommandContext.Format();
        var command = new Command("get", "Show one app: its state, address and instances") { name, format };
        command.SetAction(async (parsed, ct) =>
        {
            var ns = scope.Namespace(parsed);
            return await scope.WithAsync(parsed, async launchpad =>
            {
                var app = await AppScope.GetAsync(launchpad, ns, parsed.GetValue(name)!, ct).ConfigureAwait(false);
                if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
                {
                    context.Terminal.Document(AppText.Document(app, scope.Cloud(parsed)), chosen);
                    return ExitCodes.Ok;
                }

                await PrintAsync(context, launchpad, app, scope.Cloud(parsed), ct).ConfigureAwait(false);
                return ExitCodes.Ok;
            }, ct).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task PrintAsync(CommandContext context, AppLaunchpad launchpad, AppView app, Host.Configuration.CloudOptions cloud, CancellationToken ct)
    {
        var terminal = context.Terminal;
        terminal.Line($"Name        {app.Form.Name}");
        terminal.Line($"State       {AppText.State(app)}, {app.Ready} of {app.Form.Replicas} ready{(app.Message.Length > 0 ? $" ({app.Message})" : "")}");
        terminal.Line($"Image       {app.Form.Image}");
        terminal.Line($"Each        {app.Form.Cpu} CPU, {app.Form.Memory} memory");
        foreach (var port in app.Form.Ports)
        {
            terminal.Line($"Port        {port.Number}{(port.Host is null ? "" : "   " + cloud.AddressOf(port.Host))}");
        }

        var now = context.Time.GetUtcNow();
        var instances = await launchpad.InstancesAsync(app.Namespace, app.Form.Name, ct).ConfigureAwait(false);
        if (instances.Count > 0)
        {
            terminal.Line("");
            terminal.Table(
                ["INSTANCE", "STATE", "RESTARTS", "AGE"],
                [.. instances.Select(i => new[]
                {
                    i.Metadata.Name!,
                    InstanceWords.Describe(i),
                    $"{i.Status?.ContainerStatuses?.Sum(s => s.RestartCount ?? 0) ?? 0}",
                    i.Metadata.CreationTimestamp is { } created ? Ages.Short(now - created) : "-",
                })]);
        }
    }
}
