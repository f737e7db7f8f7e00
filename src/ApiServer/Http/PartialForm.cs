using System.Buffers;
using System.Text;
using System.Text.Json;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Http;

/// <summary>PartialObjectMetadata: an object reduced to its metadata, by cutting bytes.</summary>
internal static class PartialForm
{
    public static byte[] Of(CachedObject obj, string version)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, obj, version);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(IBufferWriter<byte> buffer, CachedObject obj, string version)
    {
        buffer.Write("{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/"u8);
        buffer.Write(Encoding.UTF8.GetBytes(version));
        buffer.Write("\",\"metadata\":"u8);
        buffer.Write(Metadata(obj));
        buffer.Write("}"u8);
    }

    /// <summary>The metadata's own bytes.</summary>
    public static ReadOnlySpan<byte> Metadata(CachedObject obj)
    {
        const int Opening = 11; // "metadata":
        var rest = obj.Utf8.AsSpan(obj.BodyStart + Opening);
        var reader = new Utf8JsonReader(rest, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = JsonText.ReadDepth }));
        reader.Read();
        reader.TrySkip();
        return rest[..(int)reader.BytesConsumed];
    }
}
