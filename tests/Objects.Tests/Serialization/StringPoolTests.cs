using System.Text;
using System.Text.Json;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Serialization;

public sealed class StringPoolTests
{
    [Theory]
    [InlineData("kubernetes.io/metadata.name")]
    [InlineData("")]
    [InlineData("größer\n\"als\"")]
    public void Text_AskedForAgain_IsTheSameString(string text)
    {
        var first = StringPool.Get(text);

        Assert.Equal(text, first);
        Assert.Same(first, StringPool.Get(new string(text.AsSpan())));
        Assert.Same(first, Read(JsonSerializer.SerializeToUtf8Bytes(text)));
    }

    [Fact]
    public void Text_OfAnyLength_IsReadWhole()
    {
        foreach (var length in new[] { 127, 128, 129, 4095, 4096, 4097, 100_000 })
        {
            var text = new string('ü', length / 2) + new string('x', length - (length / 2));

            Assert.Equal(text, StringPool.Get(text));
            Assert.Equal(text, Read(JsonSerializer.SerializeToUtf8Bytes(text)));
        }
    }

    [Fact]
    public async Task Texts_MoreThanThereIsRoomFor_StayRight_AndThoseOfAllObjectsStayShared()
    {
        const int Objects = 50_000;
        var strings = new string[Objects];

        await Task.WhenAll(Enumerable.Range(0, 2).Select(half => Task.Run(() =>
        {
            for (var i = half; i < Objects; i += 2)
            {
                Assert.Equal($"name-of-{i}", StringPool.Get($"name-of-{i}"));
                Assert.Equal($"ns-{i}", StringPool.Get($"ns-{i}"));
                strings[i] = StringPool.Get("of-every-one-of-them".AsSpan());
            }
        }, TestContext.Current.CancellationToken)));

        Assert.True(strings.Distinct(ReferenceEqualityComparer.Instance).Count() < 100);
    }

    [Fact]
    public void Value_OfAnEqualText_IsMadeOnce()
    {
        var made = 0;
        var values = new RecentValues<object>(16, _ => ++made);

        Assert.Same(values.Get("one"), values.Get(new string("one".AsSpan())));
        Assert.NotSame(values.Get("one"), values.Get("two"));
        var count = made;
        Assert.NotSame(values.Get(new string('x', 20_000)), values.Get(new string('x', 20_000)));
        Assert.Equal(count + 2, made);
    }

    private static string Read(byte[] json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json)));
        Assert.True(reader.Read());
        return StringPool.Get(ref reader);
    }
}
