using System.CommandLine;
using Sealos.Cli.Commands.Account;
using Sealos.Cli.Output;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Workspace;

/// <summary>Letting others in.</summary>
internal static class WorkspaceInvitationCommands
{
    private const string LinkLength = "48";

    public static IEnumerable<Command> Create(CommandContext context, WorkspaceScope scope) => [Invite(context, scope), List(scope), Revoke(scope), Accept(scope), Decline(scope)];

    private static Command Invite(CommandContext context, WorkspaceScope scope)
    {
        var user = new Argument<string?>("USER") { Description = "Whom to invite; without a name a code is made that whoever brings it first can use", Arity = ArgumentArity.ZeroOrOne };
        var role = new Option<string>("--role") { Description = "Manager or Developer", DefaultValueFactory = _ => "Developer", HelpName = "ROLE" };
        var expires = new Option<string?>("--expires-in") { Description = "For how long it holds, such as 12h or 7d (default 7d, at most 30d)", HelpName = "DURATION" };
        var format = CommandContext.Format();
        var command = new Command("invite", "Invite somebody into a workspace\n\nExamples:\n  sealos workspace invite ben --role Manager\n  sealos workspace invite --expires-in 12h") { user, role, expires, format };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var wanted = new InvitationRequest(parsed.GetValue(role), parsed.GetValue(user), parsed.GetValue(expires));
            var made = await connection.SendAsync<InvitationView>(HttpMethod.Post, scope.Path(parsed, "/invitations"), wanted, ct).ConfigureAwait(false);
            if (parsed.GetValue(format) != OutputFormat.Table)
            {
                scope.Account.Print(parsed.GetValue(format), made, [], []);
            }
            else if (made.Code is { } code)
            {
                context.Terminal.Say("Whoever brings this code first comes in ('sealos workspace accept CODE'); it is shown this once:");
                context.Terminal.Line(code);
            }
            else
            {
                context.Terminal.Say($"{made.User} is invited: 'sealos workspace accept {made.Id}' lets them in.");
            }
        }, ct));
        return command;
    }

    private static Command List(WorkspaceScope scope)
    {
        var sent = new Option<bool>("--sent") { Description = "Those to the workspace instead of your own" };
        var format = CommandContext.Format();
        var command = new Command("invitations", "List your invitations, or those to a workspace\n\nExamples:\n  sealos workspace invitations\n  sealos workspace invitations --sent") { sent, format };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var all = (await connection.GetAsync<ItemList<InvitationView>>(parsed.GetValue(sent) ? scope.Path(parsed, "/invitations") : "invitations", ct).ConfigureAwait(false)).Items;
            scope.Account.Print(parsed.GetValue(format), all, ["ID", "WORKSPACE", "ROLE", "FOR", "BY", "ENDS IN"], [.. all.Select(i => new[] { i.Id, i.WorkspaceName, i.Role, i.User ?? "whoever has the code", i.InvitedBy, scope.Account.Until(i.Expires) })]);
        }, ct));
        return command;
    }

    private static Command Revoke(WorkspaceScope scope)
    {
        var id = new Argument<string>("ID") { Description = "Its id, as 'sealos workspace invitations --sent' shows it" };
        var command = new Command("revoke", "Take an invitation back\n\nExample:\n  sealos workspace revoke invite-0123456789ab") { id };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            await connection.DoAsync(HttpMethod.Delete, scope.Path(parsed, $"/invitations/{AccountScope.Part(parsed.GetValue(id)!)}"), null, ct).ConfigureAwait(false);
            scope.Account.Say("The invitation is taken back.");
        }, ct));
        return command;
    }

    private static Command Accept(WorkspaceScope scope)
    {
        var invitation = Invitation($"The invitation's id, or a code of {LinkLength} characters");
        var use = new Option<bool>("--use") { Description = "Let further commands be about that workspace" };
        var command = new Command("accept", "Accept an invitation\n\nExample:\n  sealos workspace accept invite-0123456789ab --use") { invitation, use };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            var text = parsed.GetValue(invitation)!;
            var entered = text.Contains('-', StringComparison.Ordinal)
                ? await connection.SendAsync<WorkspaceView>(HttpMethod.Post, $"invitations/{AccountScope.Part(text)}/accept", null, ct).ConfigureAwait(false)
                : await connection.SendAsync<WorkspaceView>(HttpMethod.Post, "invitations/accept", new CodeRequest(text), ct).ConfigureAwait(false);
            if (parsed.GetValue(use))
            {
                scope.Use(parsed, entered);
            }

            scope.Account.Say($"You are {entered.Role} in {entered.Name} ({entered.Namespace}) now.");
        }, ct));
        return command;
    }

    private static Command Decline(WorkspaceScope scope)
    {
        var invitation = Invitation("The invitation's id");
        var command = new Command("decline", "Decline an invitation\n\nExample:\n  sealos workspace decline invite-0123456789ab") { invitation };
        command.SetAction((parsed, ct) => scope.WithAsync(parsed, async connection =>
        {
            await connection.DoAsync(HttpMethod.Post, $"invitations/{AccountScope.Part(parsed.GetValue(invitation)!)}/decline", null, ct).ConfigureAwait(false);
            scope.Account.Say("The invitation is declined.");
        }, ct));
        return command;
    }

    private static Argument<string> Invitation(string description) => new("INVITATION") { Description = description };
}
