using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.ControllerKit.Client;
using Sealos.Host.Components;

namespace Sealos.Cli.Commands.Component;

internal sealed class ComponentRemoveCommand
{
    private readonly CommandContext _context;
    private readonly ComponentScope _scope;
    private readonly Argument<string> _name = ComponentScope.Name();
    private readonly Option<bool> _cascade = new("--cascade") { Description = "Remove the components that need it, too" };
    private readonly Option<bool> _keep = new("--keep-objects") { Description = "Leave its own objects, such as classes, in the API (people's objects always stay)" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };
    private readonly Option<int> _timeout = ComponentScope.Timeout();

    private ComponentRemoveCommand(CommandContext context, ComponentScope scope)
    {
        _context = context;
        _scope = scope;
    }

    public static Command Create(CommandContext context, ComponentScope scope)
    {
        var remove = new ComponentRemoveCommand(context, scope);
        var command = new Command("remove", "Remove a component; everything that does not need it goes on undisturbed\n\nWhat no longer works without it is said first. Data of people, such as volumes, always stays.")
        {
            remove._name, remove._cascade, remove._keep, remove._yes, remove._timeout,
        };
        command.Aliases.Add("rm");
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, client => remove.RunAsync(parsed, client, ct), ct));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, KubeClient client, CancellationToken ct)
    {
        var all = await ComponentScope.ListAsync(client, ct).ConfigureAwait(false);
        var component = ComponentScope.Get(all, parsed.GetValue(_name)!);
        var name = component.Metadata.Name!;
        var needing = (component.Status?.NeededBy ?? []).Select(n => ComponentScope.Get(all, n)).Where(c => c.Spec?.Enabled == true).ToList();
        if (needing.Count > 0 && !parsed.GetValue(_cascade))
        {
            throw new CliException(ExitCodes.Usage, $"{name} is needed by {string.Join(" and ", needing.Select(c => c.Metadata.Name))}: remove {(needing.Count == 1 ? "that" : "those")} first, or everything together with --cascade");
        }

        // Those that need others go before them.
        var removed = needing.AsEnumerable().Reverse().Append(component).ToList();
        foreach (var one in removed)
        {
            await TellAsync(client, one, ct).ConfigureAwait(false);
        }

        if (!parsed.GetValue(_yes) && !Confirm(name))
        {
            _context.Terminal.Say("Nothing was changed.");
            return ExitCodes.Failed;
        }

        var patience = TimeSpan.FromSeconds(parsed.GetValue(_timeout));
        foreach (var one in removed)
        {
            var spec = new CloudComponentSpec { Enabled = false, KeepObjects = parsed.GetValue(_keep) ? true : null };
            var wanted = await ComponentScope.SetAsync(client, one.Metadata.Name!, spec, ct).ConfigureAwait(false);
            var gone = await _scope.WaitAsync(client, wanted, "removed", patience, ct).ConfigureAwait(false);
            var returned = gone.Status?.ReturnedBytes is > 0 and var bytes ? $"; {Ages.Size(bytes)} of memory came back" : "";
            _context.Terminal.Say($"{one.Metadata.Name} is removed{returned}.");
        }

        return ExitCodes.Ok;
    }

    private bool Confirm(string name) =>
        (_context.Terminal.Ask($"Type '{name}' to go on:") ?? throw new CliException(ExitCodes.Usage, "nobody is there to confirm: use --yes to remove without asking")).Trim() == name;

    private async Task TellAsync(KubeClient client, CloudComponent component, CancellationToken ct)
    {
        _context.Terminal.Say($"Without {component.Metadata.Name}: {component.Status?.Without}");
        foreach (var use in component.Status?.UsedBy ?? [])
        {
            if (await CountAsync(client, use, ct).ConfigureAwait(false) is > 0 and var count)
            {
                _context.Terminal.Say($"  {count} {use.Resource} {use.Effect}.");
            }
        }
    }

    /// <summary>How many there are; null when the caller may not know.</summary>
    private static async Task<long?> CountAsync(KubeClient client, ComponentUse use, CancellationToken ct)
    {
        var root = use.ApiVersion.Contains('/', StringComparison.Ordinal) ? "/apis/" : "/api/";
        try
        {
            var list = await client.SendAsync<JsonObject>(HttpMethod.Get, $"{root}{use.ApiVersion}/{use.Resource}?limit=1", null, ct).ConfigureAwait(false);
            return (list["items"]?.AsArray().Count ?? 0) + ((long?)list["metadata"]?["remainingItemCount"] ?? 0);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == 403)
        {
            return null;
        }
    }
}
