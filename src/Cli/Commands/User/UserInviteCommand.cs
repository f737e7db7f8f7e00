using System.CommandLine;
using System.Globalization;
using Sealos.Cli.Output;
using Sealos.OsServices.SignIn.SignUp;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands.User;

/// <summary><c>sealos user invite</c>: links by which people become users.</summary>
internal static class UserInviteCommand
{
    public static Command Create(CommandContext context)
    {
        var expires = new Option<string?>("--expires-in") { Description = "For how long it holds, such as 12h or 7d (default 7d, at most 30d)", HelpName = "DURATION" };
        var list = new Option<bool>("--list") { Description = "Show the invitations that can still be used instead" };
        var revoke = new Option<string?>("--revoke") { Description = "Take one back instead, by its id", HelpName = "ID" };
        var command = new Command("invite", "Make a link by which one person becomes a user; it needs 'sealos sign-in set --sign-up invitation'\n\nExamples:\n  sealos user invite --expires-in 12h\n  sealos user invite --list") { expires, list, revoke };
        command.SetAction(async (parsed, ct) =>
        {
            using var client = await context.ConnectAsync(parsed, ct).ConfigureAwait(false);
            var invitations = new SignUpInvitations(client, context.Time);
            if (parsed.GetValue(revoke) is { } id)
            {
                context.Terminal.Say(await invitations.RevokeAsync(id, ct).ConfigureAwait(false) ? "The invitation has ended." : throw new CliException(ExitCodes.NotFound, $"there is no invitation '{id}'; --list shows what there is"));
            }
            else if (parsed.GetValue(list))
            {
                var all = await invitations.ListAsync(ct).ConfigureAwait(false);
                context.Terminal.Table(["ID", "BY", "ENDS IN"], [.. all.Select(i => new[] { i.Id, i.InvitedBy, i.Expires is { } at ? Ages.Short(at - context.Time.GetUtcNow()) : "-" })]);
            }
            else
            {
                context.RequireOthers(parsed);
                var made = await invitations.CreateAsync(UserDirectory.AdminName, Lifetime(parsed.GetValue(expires)), ct).ConfigureAwait(false);
                context.Terminal.Say("Whoever opens this link first may become a user; it is shown this once:");
                context.Terminal.Line($"{context.CloudOfPerson(parsed).ConsoleUrl.TrimEnd('/')}/sign-up?invitation={made.Code}");
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static TimeSpan Lifetime(string? text)
    {
        if (text is null)
        {
            return SignUpInvitations.UsualLifetime;
        }

        var unit = text.Length == 0 ? TimeSpan.Zero : text[^1] switch { 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), _ => TimeSpan.Zero };
        return unit > TimeSpan.Zero && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count * unit.TotalMinutes is >= 10 and var minutes && minutes <= SignUpInvitations.LongestLifetime.TotalMinutes
            ? count * unit
            : throw new CliException(ExitCodes.Usage, "--expires-in: from 10m to 30d, a number and m, h or d, such as 12h");
    }
}
