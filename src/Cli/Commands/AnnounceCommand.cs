using System.CommandLine;
using Sealos.Cli.Commands.User;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.Operators;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos announce</c>: what the operator tells people.</summary>
internal static class AnnounceCommand
{
    public static Command Create(CommandContext context)
    {
        var text = new Argument<string>("TEXT") { Description = "What is to be said", Arity = ArgumentArity.ZeroOrOne };
        var title = new Option<string?>("--title") { Description = "In a few words (default: how the text begins)", HelpName = "TEXT" };
        var severity = new Option<string?>("--severity") { Description = "low, medium or high; the desktop shows high ones by itself (default medium)", HelpName = "LEVEL" };
        var until = new Option<string?>("--until") { Description = "Until when it is shown, such as 2026-12-24T18:00Z", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "all, user/NAME or workspace/ID (default all)", HelpName = "WHOM" };
        var withdraw = new Option<string?>("--withdraw") { Description = "Take back what everybody was told, by its id", HelpName = "ID" };
        var command = new Command("announce", "Tell everybody, a user or a workspace something (as the cloud's operator)\n\nExample:\n  sealos announce 'Maintenance tonight at ten' --severity high --until 2026-12-24T23:00Z") { text, title, severity, until, to, withdraw };
        command.SetAction((parsed, ct) => UserCommand.WithAsync(context, parsed, async (client, _) =>
        {
            var announcements = new Announcements(client, context.Time);
            if (parsed.GetValue(withdraw) is { } id)
            {
                await announcements.WithdrawAsync(id, ct).ConfigureAwait(false);
                context.Terminal.Say("It is taken back.");
                return ExitCodes.Ok;
            }

            var end = AuditQuery.MomentOf(parsed.GetValue(until), "until", context.Time.GetUtcNow());
            var wanted = new AnnouncementRequest(parsed.GetValue(text), parsed.GetValue(title), parsed.GetValue(severity), end, parsed.GetValue(to));
            var made = await announcements.AnnounceAsync(wanted, ct).ConfigureAwait(false);
            context.Terminal.Say("It is said; its id is:");
            context.Terminal.Line(made);
            return ExitCodes.Ok;
        }, ct));
        return command;
    }
}
