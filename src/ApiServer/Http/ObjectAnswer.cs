using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Http;

/// <summary>Answers with one object, in the form the client wants.</summary>
internal static class ObjectAnswer
{
    public static Task SendAsync(ApiRequest request, int code, CachedObject obj)
    {
        var shown = request.Resource.Conversion?.ToView(obj) ?? obj;
        ReadOnlyMemory<byte> body = request.Output.Transform switch
        {
            Transform.Table => TableForm.Of(request, shown),
            Transform.PartialObject => PartialForm.Of(shown, request.Output.Version!),
            _ => shown.Utf8,
        };
        return Answer.SendAsync(request.Http, code, body, request.Output.IsPretty);
    }
}
