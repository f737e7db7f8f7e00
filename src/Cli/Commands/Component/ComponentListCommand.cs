using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.Host.Components;

namespace Sealos.Cli.Commands.Component;

internal static class ComponentListCommand
{
    public static Command Create(CommandContext context, ComponentScope scope)
    {
        var format = CommandContext.Format();
        var command = new Command("list", "List what can be added and removed, and what runs\n\nMEMORY is that of the process a component lives in; components of one process share it.") { format };
        command.Aliases.Add("ls");
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async client =>
        {
            var all = await ComponentScope.ListAsync(client, ct).ConfigureAwait(false);
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(new JsonArray([.. all.Select(c => (JsonNode)Document(c))]), chosen);
                return ExitCodes.Ok;
            }

            var now = context.Time.GetUtcNow();
            context.Terminal.Table(
                ["NAME", "STATE", "SINCE", "PROCESS", "MEMORY", "NEEDS", "DESCRIPTION"],
                [.. all.Select(c => new[]
                {
                    c.Metadata.Name!,
                    c.Status?.State ?? "unknown",
                    c.Status?.Since is { } since ? Ages.Short(now - since) : "-",
                    c.Status?.Process ?? "-",
                    c.Status?.ProcessBytes is { } bytes ? Ages.Size(bytes) : "-",
                    c.Status?.Needs is { Count: > 0 } needs ? string.Join(",", needs) : "-",
                    c.Status?.Message is { Length: > 0 } message ? $"{c.Status.Description} ({message})" : c.Status?.Description ?? "",
                })]);
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static JsonObject Document(CloudComponent component) => new()
    {
        ["name"] = component.Metadata.Name,
        ["enabled"] = component.Spec?.Enabled == true,
        ["state"] = component.Status?.State,
        ["since"] = component.Status?.Since?.ToString("O"),
        ["message"] = component.Status?.Message,
        ["process"] = component.Status?.Process,
        ["processBytes"] = component.Status?.ProcessBytes,
        ["returnedBytes"] = component.Status?.ReturnedBytes,
        ["needs"] = Texts(component.Status?.Needs),
        ["neededBy"] = Texts(component.Status?.NeededBy),
        ["description"] = component.Status?.Description,
        ["without"] = component.Status?.Without,
    };

    private static JsonArray Texts(List<string>? texts) => [.. (texts ?? []).Select(t => (JsonNode)t)];
}
