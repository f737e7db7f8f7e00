namespace Sealos.Desktop.Sessions;

/// <summary>The services' API as the person in front of a page asks it.</summary>
internal sealed class PersonalServices(ServicesClient client, DesktopSession session, Confirmation confirmation)
{
    /// <summary>Reads something.</summary>
    public Task<Answer<T>> GetAsync<T>(string path, CancellationToken ct) => SendAsync<T>(HttpMethod.Get, path, null, ct);

    /// <summary>Does something whose answer says nothing; returns what is wrong, or null.</summary>
    public async Task<Problem?> DoAsync(HttpMethod method, string path, object? body, CancellationToken ct) =>
        (await SendAsync<object>(method, path, body, ct).ConfigureAwait(false)).Problem;

    /// <summary>Does something; when it needs a session that was confirmed just now, the person is asked for the password and it is done again.</summary>
    public async Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        var answer = await AskAsync<T>(method, path, body, ct).ConfigureAwait(false);
        if (answer.Problem?.Code != Problem.NeedsConfirmation)
        {
            return answer;
        }

        return await confirmation.AskAsync(ct).ConfigureAwait(false)
            ? await AskAsync<T>(method, path, body, ct).ConfigureAwait(false)
            : answer with { Problem = new Problem("Nothing was changed: it was not confirmed.", Problem.NeedsConfirmation) };
    }

    /// <summary>Proves that it is the person who asks; returns what is wrong, or null.</summary>
    public async Task<Problem?> ConfirmAsync(string password, string? code, CancellationToken ct) =>
        (await AskAsync<object>(HttpMethod.Post, "sessions/confirm", new { password, code }, ct).ConfigureAwait(false)).Problem;

    private async Task<Answer<T>> AskAsync<T>(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        var answer = await client.AskAsync<T>(session.Token, session.From, method, path, body, ct).ConfigureAwait(false);
        if (answer.Problem?.Code == Problem.HasEnded)
        {
            session.End();
        }

        return answer;
    }
}
