using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Commands.User;
using Sealos.Cli.Output;
using Sealos.OsServices.Operators;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands.Workspace;

/// <summary>What only the cloud's operator does with workspaces; through the Kubernetes API, with the operator's kubeconfig.</summary>
internal static class WorkspaceOperatorCommands
{
    public static IEnumerable<Command> Create(CommandContext context) => [Quota(context), WorkspaceSettingsCommand.Create(context), Suspend(context), Resume(context)];

    /// <summary>Prints every workspace there is.</summary>
    public static Task<int> ListAsync(CommandContext context, ParseResult parsed, string? search, OutputFormat format, CancellationToken ct) => UserCommand.WithAsync(context, parsed, async (client, users) =>
    {
        var found = await users.ListAsync(search, ct).ConfigureAwait(false);
        var states = await WorkspaceSuspension.StatesAsync(client, ct).ConfigureAwait(false);
        string[][] rows = [.. found.Select(w => new[]
        {
            w.Metadata.Name!, w.Metadata.Annotations?.GetValueOrDefault(UserKeys.DisplayName) ?? w.Metadata.Name!, UserDirectory.WorkspaceOf(w.Metadata.Name!), w.IsTeam() ? "team" : "private", w.OwnerOf() ?? "-",
            w.Metadata.DeletionTimestamp is not null ? "deleting" : states.GetValueOrDefault(UserDirectory.WorkspaceOf(w.Metadata.Name!)) ?? (w.Status?.Phase == "Active" ? "ready" : "preparing"),
        })];
        if (format == OutputFormat.Table)
        {
            context.Terminal.Table(["ID", "NAME", "NAMESPACE", "KIND", "OWNER", "STATE"], rows);
            return ExitCodes.Ok;
        }

        context.Terminal.Document(new JsonArray([.. rows.Select(r => new JsonObject { ["id"] = r[0], ["name"] = r[1], ["namespace"] = r[2], ["kind"] = r[3], ["owner"] = r[4], ["state"] = r[5] })]), format);
        return ExitCodes.Ok;
    }, ct);

    private static Command Quota(CommandContext context)
    {
        var command = new Command("quota", "What a workspace may take (as the cloud's operator)");
        command.Subcommands.Add(GetQuota(context));
        command.Subcommands.Add(SetQuota(context));
        return command;
    }

    private static Command GetQuota(CommandContext context)
    {
        var id = Id();
        var format = CommandContext.Format();
        var command = new Command("get", "Show what a workspace may take, and takes\n\nExample:\n  sealos workspace quota get ns-ada") { id, format };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            var lines = await new WorkspaceQuotas(client).ReadAsync(parsed.GetValue(id)!, ct).ConfigureAwait(false);
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(new JsonArray([.. lines.Select(l => new JsonObject { ["resource"] = l.Resource, ["limit"] = l.Limit, ["used"] = l.Used })]), chosen);
                return ExitCodes.Ok;
            }

            context.Terminal.Table(["RESOURCE", "LIMIT", "USED"], [.. lines.Select(l => new[] { l.Resource, l.Limit, l.Used })]);
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Command SetQuota(CommandContext context)
    {
        var id = Id();
        var cpu = new Option<string?>("--cpu") { Description = "Cores, such as 32 or 500m", HelpName = "AMOUNT" };
        var memory = new Option<string?>("--memory") { Description = "Memory, such as 64Gi", HelpName = "AMOUNT" };
        var storage = new Option<string?>("--storage") { Description = "Volumes, such as 200Gi", HelpName = "AMOUNT" };
        var pods = new Option<string?>("--pods") { Description = "How many pods", HelpName = "NUMBER" };
        var command = new Command("set", "Change what a workspace may take; what is not said stays, and what runs goes on\n\nExample:\n  sealos workspace quota set ns-ada --cpu 32 --pods 50") { id, cpu, memory, storage, pods };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            var change = new QuotaChange(parsed.GetValue(cpu), parsed.GetValue(memory), parsed.GetValue(storage), parsed.GetValue(pods));
            await new WorkspaceQuotas(client).SetAsync(parsed.GetValue(id)!, change, ct).ConfigureAwait(false);
            context.Terminal.Say($"The quota of {parsed.GetValue(id)} is changed.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Command Suspend(CommandContext context)
    {
        var id = Id();
        var reason = new Option<string>("--reason") { Description = "Why; the workspace's members read it", HelpName = "TEXT", Required = true };
        var command = new Command("suspend", "Stop what runs in a workspace and let nothing new start, until it is resumed (as the cloud's operator)\n\nExample:\n  sealos workspace suspend ns-ada --reason 'mines coins'") { id, reason };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            await new WorkspaceSuspension(client, context.Time).SuspendAsync(parsed.GetValue(id)!, parsed.GetValue(reason), ct).ConfigureAwait(false);
            context.Terminal.Say($"The workspace {parsed.GetValue(id)} is suspended; what runs in it is being stopped.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Command Resume(CommandContext context)
    {
        var id = Id();
        var command = new Command("resume", "Start what ran in a workspace before it was suspended (as the cloud's operator)\n\nExample:\n  sealos workspace resume ns-ada") { id };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            await new WorkspaceSuspension(client, context.Time).ResumeAsync(parsed.GetValue(id)!, ct).ConfigureAwait(false);
            context.Terminal.Say($"The workspace {parsed.GetValue(id)} is open again; what ran in it is being started.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Argument<string> Id() => new("ID") { Description = "Its id or namespace, as 'sealos workspace list --all' shows it" };
}
