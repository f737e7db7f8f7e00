using System.Net.Http.Headers;

namespace Sealos.ControllerKit.Client;

/// <summary>Adds the token of a file to each request, and reads it again from time to time: a pod's token is replaced while the pod runs.</summary>
internal sealed class TokenFileHandler(string path, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private volatile Reading? _last;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token());
        return base.SendAsync(request, cancellationToken);
    }

    private string Token()
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < Fresh)
        {
            return last.Token;
        }

        var now = new Reading(File.ReadAllText(path).Trim(), time.GetTimestamp());
        _last = now;
        return now.Token;
    }

    private sealed record Reading(string Token, long At);
}
