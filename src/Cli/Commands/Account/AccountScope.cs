using System.CommandLine;
using System.Text.Json;
using Sealos.Cli.Contexts;
using Sealos.Cli.Output;

namespace Sealos.Cli.Commands.Account;

/// <summary>What commands about a person's own things share: a connection to the current cloud, and how answers are printed.</summary>
internal sealed class AccountScope(CommandContext context)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Runs something on a connection to the current cloud, and closes it.</summary>
    public async Task<int> WithAsync(ParseResult parsed, Func<ServicesConnection, Task> work, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var connection = ServicesConnection.To(context.RequireCurrent(parsed), ConfirmAsync);
        await work(connection).ConfigureAwait(false);
        return ExitCodes.Ok;
    }

    /// <summary>Asks the person for what they sign in with, so that their session counts as fresh again.</summary>
    public async Task ConfirmAsync(ServicesConnection connection, CancellationToken ct)
    {
        var password = context.Terminal.AskSecret("Confirm that it is you. Password:")
            ?? throw new CliException(ExitCodes.Forbidden, "this needs a session of the last 15 minutes, and nobody is there to confirm the present one: use 'sealos login' first");
        try
        {
            await connection.DoAsync(HttpMethod.Post, "sessions/confirm", new { password }, ct).ConfigureAwait(false);
        }
        catch (CliException e) when (e.Code == "code-needed")
        {
            var code = context.Terminal.Ask("Code of your second factor:") ?? throw new CliException(ExitCodes.Forbidden, e.Message);
            await connection.DoAsync(HttpMethod.Post, "sessions/confirm", new { password, code = code.Trim() }, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Prints an answer: as the cloud gave it for programs, as rows for people.</summary>
    public void Print<T>(OutputFormat format, T answer, IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (format != OutputFormat.Table)
        {
            context.Terminal.Document(JsonSerializer.SerializeToNode(answer, Json)!, format);
            return;
        }

        context.Terminal.Table(head, rows);
    }

    /// <summary>Asks before what cannot be undone; whoever is alone says <c>--yes</c>.</summary>
    public bool Confirm(string question, string word)
    {
        var answer = context.Terminal.Ask($"{question} Type '{word}' to go on:") ?? throw new CliException(ExitCodes.Usage, "nobody is there to confirm: use --yes to go on without asking");
        if (answer.Trim() == word)
        {
            return true;
        }

        context.Terminal.Say("Nothing was changed.");
        return false;
    }

    public void Say(string text) => context.Terminal.Say(text);

    /// <summary>A moment to come, or none.</summary>
    public string Until(DateTimeOffset? at) => at is { } moment ? Ages.Short(moment - context.Time.GetUtcNow()) : "-";

    /// <summary>A part of a path, as data.</summary>
    public static string Part(string text) => Uri.EscapeDataString(text);
}
