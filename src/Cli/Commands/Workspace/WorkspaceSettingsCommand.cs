using System.CommandLine;
using System.Text.Json;
using Sealos.Cli.Commands.User;
using Sealos.Cli.Output;
using Sealos.OsServices.Users.Walls;

namespace Sealos.Cli.Commands.Workspace;

/// <summary><c>sealos workspace settings</c>: the walls of all workspaces, as the cloud's operator says it.</summary>
internal static class WorkspaceSettingsCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create(CommandContext context)
    {
        var command = new Command("settings", "What holds for all workspaces: quota, limits, Pod Security, runtime (as the cloud's operator)");
        command.Subcommands.Add(Get(context));
        command.Subcommands.Add(Set(context));
        return command;
    }

    private static Command Get(CommandContext context)
    {
        var format = CommandContext.Format();
        var command = new Command("get", "Show what holds for all workspaces, and what of the settings cannot be read\n\nExample:\n  sealos workspace settings get -o yaml") { format };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            Print(context, parsed.GetValue(format), await new WallConfiguration(client).ReadAsync(ct).ConfigureAwait(false));
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Command Set(CommandContext context)
    {
        var settings = new Argument<string[]>("KEY=VALUE") { Description = $"A setting and its value, or KEY= to take it away; there are {string.Join(", ", WallConfiguration.Keys)}", Arity = ArgumentArity.OneOrMore };
        var command = new Command(
            "set",
            "Change what holds for all workspaces, those that are there too\n\nExamples:\n  sealos workspace settings set podSecurity=restricted 'quota={\"limits.cpu\":\"8\"}'\n  sealos workspace settings set runtimeClass=runc\n  sealos workspace settings set runtimeClass=") { settings };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            var changes = parsed.GetValue(settings)!.Select(Split).ToLookup(s => s.Key, s => s.Value);
            try
            {
                var view = await new WallConfiguration(client).SetAsync(changes.ToDictionary(c => c.Key, c => c.Last(), StringComparer.Ordinal), ct).ConfigureAwait(false);
                context.Terminal.Say("The settings of workspaces are changed.");
                Tell(context, view);
                return ExitCodes.Ok;
            }
            catch (SettingException e)
            {
                throw new CliException(ExitCodes.Usage, e.Message);
            }
        }, ct));
        return command;
    }

    private static (string Key, string? Value) Split(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
        ? (text[..at], at + 1 == text.Length ? null : text[(at + 1)..])
        : throw new CliException(ExitCodes.Usage, $"'{text}' is not KEY=VALUE, such as podSecurity=restricted");

    private static void Print(CommandContext context, OutputFormat format, WallView view)
    {
        if (format != OutputFormat.Table)
        {
            context.Terminal.Document(JsonSerializer.SerializeToNode(view, Json)!, format);
            return;
        }

        var holds = view.InForce;
        foreach (var (name, value) in new[]
        {
            ("pod security", holds.PodSecurity), ("runtime class", holds.Pods.RuntimeClass), ("image pulls", holds.Pods.ImagePullPolicy), ("priority class", holds.Pods.PriorityClass),
            ("limits", List(holds.Limits)), ("grows up to", holds.AutoExpand.Count == 0 ? "never" : List(holds.AutoExpand)),
        })
        {
            context.Terminal.Line($"{name,-14} {value}");
        }

        foreach (var (resource, most) in holds.Quota.OrderBy(q => q.Key, StringComparer.Ordinal))
        {
            context.Terminal.Line($"{"quota",-14} {resource} {most}");
        }

        Tell(context, view);
    }

    private static string List(IReadOnlyDictionary<string, string> quantities) => string.Join(", ", quantities.OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{q.Key} {q.Value}"));

    private static void Tell(CommandContext context, WallView view)
    {
        foreach (var problem in view.Problems)
        {
            context.Terminal.Say($"Cannot be read: {problem}");
        }

        foreach (var note in view.Notes)
        {
            context.Terminal.Say(note);
        }
    }
}
