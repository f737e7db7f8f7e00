using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Xunit;

namespace Sealos.ApiServer.Tests.Registry;

public sealed class ObjectBytesTests
{
    [Fact]
    public void Write_PutsKindAndMetadataFirstAndDropsWhatIsNotStored()
    {
        var stored = Write("""{"spec":{"a":1},"metadata":{"labels":{"x":"y"},"managedFields":[],"resourceVersion":"7","uid":"u","name":"n","namespace":"s"},"apiVersion":"v1","kind":"K"}""");
        Assert.Equal("""{"kind":"K","apiVersion":"v1","metadata":{"name":"n","namespace":"s","uid":"u","labels":{"x":"y"}},"spec":{"a":1}}""", stored);
    }

    [Fact]
    public void WithRevision_SplicesBehindTheUid()
    {
        var stored = Encoding.UTF8.GetBytes("""{"kind":"K","apiVersion":"v1","metadata":{"name":"n","uid":"u","annotations":{"a":"\"uid\":\"x\""}}}""");
        var served = ObjectBytes.WithRevision(stored, 123);
        Assert.Equal("""{"kind":"K","apiVersion":"v1","metadata":{"name":"n","uid":"u","resourceVersion":"123","annotations":{"a":"\"uid\":\"x\""}}}""", Encoding.UTF8.GetString(served));
        Assert.True(ObjectBytes.SameContent(served, stored));
        Assert.StartsWith("\"metadata\":{", Encoding.UTF8.GetString(served.AsSpan(ObjectBytes.BodyStart(served))), StringComparison.Ordinal);
    }

    [Fact]
    public void ReplaceRevision_ChangesNothingElse()
    {
        var served = ObjectBytes.WithRevision("""{"kind":"K","apiVersion":"v1","metadata":{"uid":"u"}}"""u8, 9);
        var (start, length) = ObjectBytes.FindRevision(served);
        Assert.Equal("""{"kind":"K","apiVersion":"v1","metadata":{"uid":"u","resourceVersion":"1000"}}""", Encoding.UTF8.GetString(ObjectBytes.ReplaceRevision(served, start, length, 1000)));
    }

    [Fact]
    public void SameContent_SeesOneChangedByte()
    {
        var served = ObjectBytes.WithRevision("""{"kind":"K","apiVersion":"v1","metadata":{"uid":"u"},"a":1}"""u8, 9);
        Assert.False(ObjectBytes.SameContent(served, """{"kind":"K","apiVersion":"v1","metadata":{"uid":"u"},"a":2}"""u8));
        Assert.False(ObjectBytes.SameContent(served, """{"kind":"K","apiVersion":"v1","metadata":{"uid":"u"},"a":11}"""u8));
    }

    private static string Write(string json) => Encoding.UTF8.GetString(ObjectBytes.Write((JsonObject)JsonNode.Parse(json)!));
}
