using System.Net;
using System.Net.Http.Json;

namespace Sealos.OsServices_Tests.SignIn;

/// <summary>A request's body that comes when the server has let the request in and waits for it, and not before something else is done.</summary>
internal sealed class LateBody : HttpContent
{
    private readonly JsonContent _json;
    private readonly Func<Task> _before;

    public LateBody(object body, Func<Task> before)
    {
        (_json, _before) = (JsonContent.Create(body), before);
        Headers.ContentType = _json.Headers.ContentType;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await _before();
        await _json.CopyToAsync(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _json.Dispose();
        base.Dispose(disposing);
    }
}
