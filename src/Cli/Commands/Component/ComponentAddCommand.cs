using System.CommandLine;
using Sealos.Host.Components;

namespace Sealos.Cli.Commands.Component;

internal static class ComponentAddCommand
{
    public static Command Create(CommandContext context, ComponentScope scope)
    {
        var name = ComponentScope.Name();
        var timeout = ComponentScope.Timeout();
        var command = new Command("add", "Add a component, and what it needs; everything else goes on undisturbed") { name, timeout };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async client =>
        {
            var all = await ComponentScope.ListAsync(client, ct).ConfigureAwait(false);
            var added = ComponentScope.Get(all, parsed.GetValue(name)!);
            var needs = (added.Status?.Needs ?? []).Select(n => ComponentScope.Get(all, n)).Where(c => c.Spec?.Enabled != true);
            var patience = TimeSpan.FromSeconds(parsed.GetValue(timeout));
            foreach (var component in needs.Append(added))
            {
                if (component is { Spec.Enabled: true, Status.State: "failed" })
                {
                    // To want what is wanted already changes nothing, and the old failure would be told.
                    await ComponentScope.SetAsync(client, component.Metadata.Name!, new CloudComponentSpec { Enabled = false }, ct).ConfigureAwait(false);
                }

                var wanted = await ComponentScope.SetAsync(client, component.Metadata.Name!, new CloudComponentSpec { Enabled = true }, ct).ConfigureAwait(false);
                await scope.WaitAsync(client, wanted, "running", patience, ct).ConfigureAwait(false);
                context.Terminal.Say($"{component.Metadata.Name} is running{(component == added ? "" : $"; {added.Metadata.Name} needs it")}.");
            }

            return ExitCodes.Ok;
        }, ct));
        return command;
    }
}
