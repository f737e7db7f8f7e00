using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Users;
using CloudUser = Sealos.OsServices.Users.User;

namespace Sealos.Cli.Commands.User;

/// <summary><c>sealos user</c>: the operator's view of who may use the cloud.</summary>
internal static class UserCommand
{
    private static readonly TimeSpan MakingLimit = TimeSpan.FromSeconds(60);

    public static Command Create(CommandContext context)
    {
        var command = new Command("user", "Operate the cloud's users: make, list, lock, reset and delete them (as its operator)");
        command.Subcommands.Add(CreateOne(context));
        command.Subcommands.Add(List(context));
        command.Subcommands.Add(Get(context));
        command.Subcommands.Add(Lock(context, "lock", "Lock a user: every credential of theirs ends at once, and they get no other", true));
        command.Subcommands.Add(Lock(context, "unlock", "Let a locked user sign in again", false));
        command.Subcommands.Add(UserResetCommands.Password(context));
        command.Subcommands.Add(UserResetCommands.SecondFactor(context));
        command.Subcommands.Add(UserImpersonateCommand.Create(context));
        command.Subcommands.Add(UserDeleteCommand.Create(context));
        command.Subcommands.Add(UserInviteCommand.Create(context));
        return command;
    }

    public static Argument<string> Name() => new("NAME") { Description = "The user's name" };

    /// <summary>Runs something with the operator's right, and tells a person what the API refuses.</summary>
    public static async Task<int> WithAsync(CommandContext context, ParseResult parsed, Func<KubeClient, UserAccounts, Task<int>> work, CancellationToken ct)
    {
        using var client = await context.ConnectAsync(parsed, ct).ConfigureAwait(false);
        return await work(client, new UserAccounts(client)).ConfigureAwait(false);
    }

    public static async Task<CloudUser> GetAsync(UserAccounts users, string name, CancellationToken ct) =>
        await users.FindAsync(name, ct).ConfigureAwait(false) ?? throw new CliException(ExitCodes.NotFound, $"there is no user '{name}'; 'sealos user list' shows who there is");

    /// <summary>The name of a user who is somebody, and no team.</summary>
    public static string Person(CloudUser user) => !user.IsTeam()
        ? user.Metadata.Name!
        : throw new CliException(ExitCodes.Usage, $"'{user.Metadata.Name}' is a team: nobody signs in as it");

    private static Command CreateOne(CommandContext context)
    {
        var name = Name();
        var display = new Option<string?>("--display-name") { Description = "What others read instead of the name", HelpName = "TEXT" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password from standard input; without it the user cannot sign in with one" };
        var command = new Command("create", "Make a user with a workspace\n\nExample:\n  sealos user create ada --display-name 'Ada L.' --password-stdin < password.txt") { name, display, fromInput };
        command.SetAction((parsed, ct) => WithAsync(context, parsed, async (client, users) =>
        {
            var who = parsed.GetValue(name)!;
            Require(UserAccounts.NameProblem(who));
            context.RequireOthers(parsed);
            var password = parsed.GetValue(fromInput) ? context.Terminal.ReadInput() ?? "" : null;
            Require(password is null ? null : UserAccounts.PasswordProblem(who, password));
            await users.CreateAsync(who, parsed.GetValue(display), password, ct).ConfigureAwait(false);
            if (!await new UserDirectory(client).IsReadyWithinAsync(who, MakingLimit, context.Time, ct).ConfigureAwait(false))
            {
                throw new CliException(ExitCodes.Timeout, $"user '{who}' is not ready yet; 'sealos user get {who}' says why");
            }

            context.Terminal.Say($"User '{who}' is made, with workspace {UserDirectory.WorkspaceOf(who)}.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Command List(CommandContext context)
    {
        var search = new Option<string?>("--search") { Description = "Only those whose name or display name holds this", HelpName = "TEXT" };
        var state = new Option<string?>("--state") { Description = "Only those in this state, such as Locked", HelpName = "STATE" };
        var limit = new Option<int>("--limit") { Description = "At most so many", DefaultValueFactory = _ => int.MaxValue, HelpName = "NUMBER" };
        var format = CommandContext.Format();
        var command = new Command("list", "List users and teams") { search, state, limit, format };
        command.Aliases.Add("ls");
        command.SetAction((parsed, ct) => WithAsync(context, parsed, async (_, users) =>
        {
            var all = await users.ListAsync(parsed.GetValue(search), ct).ConfigureAwait(false);
            var found = all.Where(u => parsed.GetValue(state) is not { } wanted || string.Equals((string?)Document(u)["state"], wanted, StringComparison.OrdinalIgnoreCase)).Take(parsed.GetValue(limit)).ToList();
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(new JsonArray([.. found.Select(u => (JsonNode)Document(u))]), chosen);
                return ExitCodes.Ok;
            }

            var now = context.Time.GetUtcNow();
            context.Terminal.Table(
                ["NAME", "DISPLAY NAME", "KIND", "OWNER", "STATE", "AGE"],
                [.. found.Select(u => Document(u)).Zip(found, (d, u) => new[]
                {
                    (string)d["name"]!, (string)d["displayName"]!, (string)d["kind"]!, (string)d["owner"]!, (string)d["state"]!,
                    u.Metadata.CreationTimestamp is { } created ? Ages.Short(now - created) : "-",
                })]);
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Command Get(CommandContext context)
    {
        var name = Name();
        var format = CommandContext.Format();
        var command = new Command("get", "Show a user, and why they are not ready if they are not") { name, format };
        command.SetAction((parsed, ct) => WithAsync(context, parsed, async (_, users) =>
        {
            var document = Document(await GetAsync(users, parsed.GetValue(name)!, ct).ConfigureAwait(false));
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(document, chosen);
                return ExitCodes.Ok;
            }

            foreach (var (key, value) in document)
            {
                context.Terminal.Line($"{key,-14} {value}");
            }

            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static Command Lock(CommandContext context, string verb, string description, bool isLocked)
    {
        var name = Name();
        var reason = new Option<string?>("--reason") { Description = "Why; operators read it", HelpName = "TEXT" };
        var command = new Command(verb, description) { name };
        if (isLocked)
        {
            command.Options.Add(reason);
        }

        command.SetAction((parsed, ct) => WithAsync(context, parsed, async (_, users) =>
        {
            var user = await GetAsync(users, parsed.GetValue(name)!, ct).ConfigureAwait(false);
            await users.SetLockedAsync(user.Metadata.Name!, isLocked, isLocked ? parsed.GetValue(reason) : null, ct).ConfigureAwait(false);
            context.Terminal.Say($"User '{user.Metadata.Name}' is {verb}ed.");
            return ExitCodes.Ok;
        }, ct));
        return command;
    }

    private static JsonObject Document(CloudUser user)
    {
        var isTeam = user.IsTeam();
        var ready = user.Status?.Conditions?.Find(c => c.Type == "Ready");
        return new JsonObject
        {
            ["name"] = user.Metadata.Name,
            ["displayName"] = user.Metadata.Annotations?.GetValueOrDefault(UserKeys.DisplayName) ?? user.Metadata.Name,
            ["kind"] = isTeam ? "team" : "person",
            ["owner"] = user.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) ?? "-",
            ["workspace"] = UserDirectory.WorkspaceOf(user.Metadata.Name!),
            ["state"] = user.Metadata.DeletionTimestamp is not null ? "Deleting" : ready?.Reason ?? "Pending",
            ["message"] = ready?.Message ?? "",
        };
    }

    private static void Require(string? problem)
    {
        if (problem is not null)
        {
            throw new CliException(ExitCodes.Usage, problem);
        }
    }
}
