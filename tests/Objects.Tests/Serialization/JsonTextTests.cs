using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Serialization;

public sealed class JsonTextTests
{
    [Fact]
    public void Parse_RepeatedFields_LastWinsAndEachPathIsNamedOnce()
    {
        var duplicates = new List<string>();
        var obj = JsonText.Parse("""{"data":{"a":"1","a":"2","a":"3"},"list":[{"x":1},{"y":1,"y":2}],"data2":1,"data2":2}"""u8.ToArray(), duplicates);

        Assert.Equal(["data.a", "list[1].y", "data2"], duplicates);
        Assert.Equal("3", obj.Child("data").Text("a"));
    }

    [Fact]
    public void Parse_Numbers_KeepSixtyFourBits()
    {
        var obj = JsonText.Parse("""{"big":9223372036854775807,"float":1.5,"exp":1e3}"""u8.ToArray(), []);

        Assert.Equal(long.MaxValue, obj.Number("big"));
        Assert.Null(obj.Number("float"));
        Assert.Equal(1000, obj.Number("exp"));
    }

    [Theory]
    [InlineData("", "unexpected end of JSON input")]
    [InlineData("""{"metadata":""", "unexpected end of JSON input")]
    [InlineData("""{"a":"b""", "unexpected end of JSON input")]
    [InlineData("[1,2]", "a JSON object is expected, not an array")]
    [InlineData("null", "a JSON object is expected, not null")]
    [InlineData("12", "a JSON object is expected, not a number")]
    [InlineData("\"x\"", "a JSON object is expected, not a string")]
    [InlineData("{} x", "invalid character 'x' at byte 3")]
    [InlineData("{} {}", "invalid character '{' at byte 3")]
    [InlineData("""{"a":tru}""", "invalid character '}' at byte 8")]
    [InlineData("kind: Pod", "invalid character 'k' at byte 0")]
    [InlineData("""{"n":1e999}""", "number 1e999 is out of range")]
    public void Parse_WrongText_SaysWhatIsWrong(string text, string message)
    {
        var e = Assert.Throws<DecodeException>(() => JsonText.Parse(Encoding.UTF8.GetBytes(text), []));

        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void Parse_TooDeep_IsRefused() =>
        Assert.Throws<DecodeException>(() => JsonText.ParseNode(Encoding.UTF8.GetBytes(new string('[', 2000) + new string(']', 2000))));

    [Fact]
    public void Parse_BrokenUtf8_IsRefused() =>
        Assert.Throws<DecodeException>(() => JsonText.Parse((byte[])[.. "{\"a\":\""u8, 0xff, .. "\"}"u8], []));

    [Fact]
    public void Write_Text_IsNotEscapedBeyondNeed() =>
        Assert.Equal("""{"a":"<ü&\"\n>"}""", Encoding.UTF8.GetString(JsonText.Write(new JsonObject { ["a"] = "<ü&\"\n>" })));

    [Fact]
    public void Access_WrongTypes_AreNull()
    {
        var obj = JsonText.Parse("""{"s":"x","n":1,"b":true,"l":["a",1],"o":{"k":"v"}}"""u8.ToArray(), []);

        Assert.Null(obj.Text("n"));
        Assert.Null(obj.Number("s"));
        Assert.Null(obj.Flag("s"));
        Assert.Null(obj.Child("s", "x"));
        Assert.Equal(["a"], obj.Texts("l"));
        Assert.Equal("v", obj.TextMap("o")!["k"]);
        Assert.Empty(((JsonObject?)null).Objects("x"));
    }
}
