using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Contexts;
using Sealos.Cli.Output;

namespace Sealos.Cli.Commands.Account;

/// <summary><c>sealos context</c>: the clouds you are signed in to.</summary>
internal static class ContextCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("context", "The clouds you are signed in to, and which one commands use");
        command.Subcommands.Add(List(context));
        command.Subcommands.Add(Use(context));
        command.Subcommands.Add(Remove(context));
        return command;
    }

    private static Command List(CommandContext context)
    {
        var format = CommandContext.Format();
        var command = new Command("list", "List them; the current one bears a star") { format };
        command.Aliases.Add("ls");
        command.SetAction(parsed =>
        {
            var all = context.Contexts.Load();
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(new JsonArray([.. all.Contexts.Select(c => (JsonNode)Document(c, c.Name == all.Current))]), chosen);
                return ExitCodes.Ok;
            }

            context.Terminal.Table(["", "NAME", "ADDRESS", "USER", "WORKSPACE"], [.. all.Contexts.Select(c => new[] { c.Name == all.Current ? "*" : "", c.Name, c.Url.GetLeftPart(UriPartial.Authority), c.User, c.Workspace })]);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Use(CommandContext context)
    {
        var name = Name();
        var command = new Command("use", "Let commands use another one\n\nExample:\n  sealos context use cloud.example.com") { name };
        command.SetAction(parsed =>
        {
            var found = Find(context, parsed.GetValue(name)!);
            context.Contexts.Save(context.Contexts.Load() with { Current = found.Name });
            context.Terminal.Say($"Commands use {found.Name} from now on.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Remove(CommandContext context)
    {
        var name = Name();
        var command = new Command("remove", "Forget one here; its session goes on ('sealos logout' ends it)\n\nExample:\n  sealos context remove cloud.example.com") { name };
        command.SetAction(parsed =>
        {
            var found = Find(context, parsed.GetValue(name)!);
            context.Contexts.Save(context.Contexts.Load().Without(found.Name));
            context.Terminal.Say($"{found.Name} is forgotten.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Argument<string> Name() => new("NAME") { Description = "Its name, as 'sealos context list' shows it" };

    private static CloudContext Find(CommandContext context, string name) =>
        context.Contexts.Load().Find(name) ?? throw new CliException(ExitCodes.NotFound, $"there is no context '{name}'; 'sealos context list' shows what there is");

    private static JsonObject Document(CloudContext context, bool isCurrent) => new()
    {
        ["name"] = context.Name,
        ["current"] = isCurrent,
        ["url"] = context.Url.GetLeftPart(UriPartial.Authority),
        ["user"] = context.User,
        ["workspace"] = context.Workspace,
        ["expires"] = context.Expires?.ToString("O"),
    };
}
