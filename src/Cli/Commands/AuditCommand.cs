using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sealos.Cli.Output;
using Sealos.Host.Configuration;
using Sealos.Host.Running;
using Sealos.OsServices.Operators;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos audit</c>: what was done in the cloud, by whom; read off the API server's log on its machine.</summary>
internal static class AuditCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create(CommandContext context)
    {
        var user = Option("--user", "Who did it, or whom they acted as", "NAME");
        var workspace = Option("--workspace", "In which workspace, by id or namespace", "ID");
        var verb = Option("--verb", "What was done: create, update, patch, delete, get, …", "VERB");
        var resource = Option("--resource", "To what, such as deployments", "KIND");
        var since = Option("--since", "Not before: a time, or how long ago, such as 2h", "TIME");
        var until = Option("--until", "Not after: a time, or how long ago", "TIME");
        var text = Option("--text", "What stands anywhere in the entry", "TEXT");
        var limit = new Option<int>("--limit") { Description = $"So many, the newest first (at most {AuditQuery.MostEntries})", DefaultValueFactory = _ => 100, HelpName = "NUMBER" };
        var format = CommandContext.Format();
        var command = new Command("audit", "Look for what was done in the cloud, the newest first (on its machine, as root)\n\nExample:\n  sealos audit --user ada --verb delete --since 2d") { user, workspace, verb, resource, since, until, text, limit, format };
        command.SetAction(async (parsed, ct) =>
        {
            CommandContext.RequireRoot("audit", "the log is root's");
            var now = context.Time.GetUtcNow();
            var query = new AuditQuery
            {
                User = parsed.GetValue(user),
                Namespace = parsed.GetValue(workspace) is { } id ? (id.StartsWith("ns-", StringComparison.Ordinal) ? id : UserDirectory.WorkspaceOf(id)) : null,
                Verb = parsed.GetValue(verb),
                Resource = parsed.GetValue(resource),
                Text = parsed.GetValue(text),
                Since = AuditQuery.MomentOf(parsed.GetValue(since), "since", now),
                Until = AuditQuery.MomentOf(parsed.GetValue(until), "until", now),
                Limit = parsed.GetValue(limit),
            };
            var found = await new AuditLogReader(new CloudPaths(context.Cloud(parsed)).AuditLog, context.Time).SearchAsync(query.Checked(), ct).ConfigureAwait(false);
            Print(context.Terminal, found, parsed.GetValue(format));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(Terminal terminal, AuditPage found, OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            terminal.Document(JsonSerializer.SerializeToNode(found.Items, Json)!, format);
        }
        else
        {
            terminal.Table(
                ["TIME", "USER", "VERB", "RESOURCE", "NAMESPACE", "NAME", "CODE"],
                [.. found.Items.Select(e => new[] { e.Time.ToString("u", CultureInfo.InvariantCulture), e.ActingAs is null ? e.User : $"{e.User} as {e.ActingAs}", e.Verb, e.Resource, e.Namespace ?? "-", e.Name ?? "-", e.Code.ToString(CultureInfo.InvariantCulture) })]);
        }

        if (!found.IsComplete)
        {
            terminal.Say("The log is longer than could be looked at in time; narrow the search with --since.");
        }
    }

    private static Option<string?> Option(string name, string description, string help) => new(name) { Description = description, HelpName = help };
}
