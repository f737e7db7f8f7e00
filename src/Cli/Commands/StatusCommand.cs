using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var format = CommandContext.Format();
        var command = new Command("status", "Show what runs, since when, and how much memory it takes\n\nExits with 0 when all is healthy, 3 when the cloud is not running, 4 when a component is not healthy.") { format };
        command.SetAction(parsed =>
        {
            var state = CloudState.Read(context.Cloud(parsed), context.Time);
            Print(context, state, parsed.GetValue(format));
            return !state.IsRunning ? ExitCodes.NotRunning : state.IsHealthy ? ExitCodes.Ok : ExitCodes.Unhealthy;
        });
        return command;
    }

    private static void Print(CommandContext context, CloudState state, OutputFormat format)
    {
        var now = context.Time.GetUtcNow();
        if (format != OutputFormat.Table)
        {
            context.Terminal.Document(ToDocument(state), format);
            return;
        }

        var memory = state.Processes.ToDictionary(p => p.Name);
        var rows = new List<IReadOnlyList<string>>();
        var last = "";
        foreach (var component in state.Components)
        {
            // Components share their process' memory, so it stands once, on the first row of each process.
            var process = memory[component.Process];
            var size = component.Process == last || process.Pid is null ? "" : Ages.Size(process.Resident);
            last = component.Process;
            rows.Add([component.Name, component.Process, component.State, component.Since is { } since ? Ages.Short(now - since) : "-", size, component.Message]);
        }

        context.Terminal.Table(["COMPONENT", "PROCESS", "STATE", "SINCE", "MEMORY", "MESSAGE"], rows);
        if (!state.IsRunning)
        {
            context.Terminal.Say("The cloud is not running: start it with 'sealos up'.");
        }
    }

    private static JsonObject ToDocument(CloudState state) => new()
    {
        ["running"] = state.IsRunning,
        ["healthy"] = state.IsRunning && state.IsHealthy,
        ["processes"] = new JsonArray([.. state.Processes.Select(p => (JsonNode)new JsonObject { ["name"] = p.Name, ["pid"] = p.Pid, ["residentBytes"] = p.Resident, ["anonymousBytes"] = p.Anonymous })]),
        ["components"] = new JsonArray([.. state.Components.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["process"] = c.Process, ["state"] = c.State, ["since"] = c.Since?.ToString("O"), ["message"] = c.Message })]),
    };
}
