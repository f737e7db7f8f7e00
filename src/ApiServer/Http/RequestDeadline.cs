using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Http;

/// <summary>Makes a request end by itself after a while, as if its client had gone.</summary>
internal sealed class RequestDeadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    public RequestDeadline(HttpContext http, TimeSpan after, TimeProvider time)
    {
        _timer = new CancellationTokenSource(after, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _timer.Token);
        http.RequestAborted = _either.Token;
    }

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
