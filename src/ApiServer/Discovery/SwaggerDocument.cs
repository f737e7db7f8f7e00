using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Discovery;

/// <summary>
/// <c>/openapi/v2</c>, which clients older than 1.28 read before they write. It names no types, so they check nothing
/// themselves and leave that to the server, which does it anyway; types are in version 3.
/// </summary>
internal static class SwaggerDocument
{
    private const string ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    private const string Title = "Kubernetes";
    private const string Version = "v1.32.0";
    private static readonly byte[] Json = Encoding.UTF8.GetBytes($"{{\"swagger\":\"2.0\",\"info\":{{\"title\":\"{Title}\",\"version\":\"{Version}\"}},\"paths\":{{}},\"definitions\":{{}}}}");

    // Fields 1 (swagger), 2 (info: title, version), 8 (paths) and 9 (definitions) of the document's message.
    private static readonly byte[] Protobuf = [.. Field(1, "2.0"u8), .. Field(2, [.. Field(1, Encoding.UTF8.GetBytes(Title)), .. Field(2, Encoding.UTF8.GetBytes(Version))]), .. Field(8, []), .. Field(9, [])];

    /// <summary>The body and its type, in the form the client asks for first.</summary>
    public static (byte[] Body, string ContentType) For(HttpRequest request)
    {
        var first = request.Headers.Accept.ToString().Split(',')[0];
        return first.Contains("proto-openapi", StringComparison.Ordinal) ? (Protobuf, ProtobufType) : (Json, "application/json");
    }

    // Lengths below 128 and numbers below 16 each take one byte.
    private static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];
}
