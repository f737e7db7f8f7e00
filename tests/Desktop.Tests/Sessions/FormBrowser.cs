using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Sealos.Desktop_Tests.Sessions;

/// <summary>A page as a browser has it: its text, and the cookies by then.</summary>
internal sealed record Page(string Text, IReadOnlyList<string> Cookies)
{
    /// <summary>What the page's forms send besides what is typed.</summary>
    public (string Name, string Value)[] Hidden =>
        [.. Regex.Matches(Text, "<input type=\"hidden\" name=\"((?:Input\\.|_handler)[^\"]*)\" value=\"([^\"]*)\"").Select(m => (m.Groups[1].Value, m.Groups[2].Value))];
}

/// <summary>Opens pages and sends their forms as a browser would.</summary>
internal sealed class FormBrowser(string socket) : IDisposable
{
    public const string Origin = "https://cloud.example";
    private readonly HttpClient _http = DesktopServerTests.BrowserOf(socket);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async Task<Page> GetAsync(string path, IReadOnlyList<string>? cookies = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookies is { Count: > 0 })
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies));
        }

        return await OpenAsync(request, cookies ?? []);
    }

    /// <summary>Sends a form of a page.</summary>
    public async Task<Page> PostAsync(string path, Page from, params (string Name, string Value)[] fields)
    {
        var token = from.Text.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { { "Origin", Origin }, { "Cookie", string.Join("; ", from.Cookies) } },
            Content = new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]),
        };
        return await OpenAsync(request, from.Cookies);
    }

    /// <summary>Sends what a script of the page would.</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Origin", Origin } }, Content = new StringContent(json) };
        return await _http.SendAsync(request, Ct);
    }

    public static IReadOnlyList<string> CookiesOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set.Select(c => c.Split(';')[0]).Where(c => !c.EndsWith('='))] : [];

    public void Dispose() => _http.Dispose();

    private async Task<Page> OpenAsync(HttpRequestMessage request, IReadOnlyList<string> had)
    {
        using var answer = await _http.SendAsync(request, Ct);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect, $"{request.RequestUri}: {answer.StatusCode}");
        return new Page(await answer.Content.ReadAsStringAsync(Ct), [.. had.Concat(CookiesOf(answer)).GroupBy(c => c.Split('=')[0]).Select(g => g.Last())]);
    }
}
