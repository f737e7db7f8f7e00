using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.Host.Configuration;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

internal static class StatusCommand
{
    private const string Usual = "multi-user";

    public static Command Create(CommandContext context)
    {
        var format = CommandContext.Format();
        var command = new Command("status", "Show what runs, since when, and how much memory it takes\n\nExits with 0 when all is healthy, 3 when the cloud is not running, 4 when a component is not healthy.") { format };
        command.SetAction(parsed =>
        {
            var cloud = context.Cloud(parsed);
            var state = CloudState.Read(cloud, context.Time);
            Print(context, state, cloud, parsed.GetValue(format));
            return !state.IsRunning ? ExitCodes.NotRunning : state.IsHealthy ? ExitCodes.Ok : ExitCodes.Unhealthy;
        });
        return command;
    }

    private static void Print(CommandContext context, CloudState state, CloudOptions cloud, OutputFormat format)
    {
        var now = context.Time.GetUtcNow();
        if (format != OutputFormat.Table)
        {
            context.Terminal.Document(ToDocument(state, cloud), format);
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
        if (ModeOf(cloud) is var mode and not Usual)
        {
            context.Terminal.Say($"Mode: {mode}");
        }

        if (!state.IsRunning)
        {
            context.Terminal.Say("The cloud is not running: start it with 'sealos up'.");
        }
    }

    private static string ModeOf(CloudOptions cloud) => cloud.KernelOnly ? "kernel-only" : cloud.SingleUser ? "single-user" : Usual;

    private static JsonObject ToDocument(CloudState state, CloudOptions cloud) => new()
    {
        ["running"] = state.IsRunning,
        ["healthy"] = state.IsRunning && state.IsHealthy,
        ["mode"] = ModeOf(cloud),
        ["processes"] = new JsonArray([.. state.Processes.Select(p => (JsonNode)new JsonObject { ["name"] = p.Name, ["pid"] = p.Pid, ["residentBytes"] = p.Resident, ["anonymousBytes"] = p.Anonymous })]),
        ["components"] = new JsonArray([.. state.Components.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["process"] = c.Process, ["state"] = c.State, ["since"] = c.Since?.ToString("O"), ["message"] = c.Message })]),
    };
}
