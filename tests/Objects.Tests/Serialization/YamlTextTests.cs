using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Serialization;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("on", "true")]
    [InlineData("n", "false")]
    [InlineData("Off", "false")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("12", "12")]
    [InlineData("-7", "-7")]
    [InlineData("0644", "420")]
    [InlineData("0x1F", "31")]
    [InlineData("1_000", "1000")]
    [InlineData("1.5", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("\"12\"", "\"12\"")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("0899", "899")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("!!str 12", "\"12\"")]
    [InlineData("12345678901234567890", "1.2345678901234567E+19")]
    public void Parse_Scalar_HasTheMeaningOfYaml11(string scalar, string json)
    {
        var value = Sample.Yaml("a: " + scalar)["a"];

        Assert.Equal(json, value?.ToJsonString() ?? "null");
    }

    [Fact]
    public void Parse_BooleanKeys_BecomeTheirJsonNames() =>
        Assert.Equal("""{"false":{"true":1}}""", YamlText.Parse("n:\n  y: 1\n").ToJsonString());

    [Fact]
    public void Parse_AnchorsAndMerges_AreExpanded() =>
        Assert.Equal("""{"base":{"a":1,"b":2},"copy":{"a":1,"b":2},"more":{"b":3,"a":1}}""", YamlText.Parse("""
            base: &b {a: 1, b: 2}
            copy: *b
            more:
              <<: *b
              b: 3
            """).ToJsonString());

    [Fact]
    public void Parse_BillionLaughs_IsRefused()
    {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.Equal("document contains excessive aliasing", Assert.Throws<DecodeException>(() => YamlText.Parse(text)).Message);
    }

    [Theory]
    [InlineData("a: [1")]
    [InlineData("a: b: c")]
    [InlineData("a:\n\tb: 1")]
    [InlineData("a: *nope")]
    [InlineData("{? [a] : b}")]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: !!python/object x")]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("a: 1\n---\nb: 2\n")]
    public void Parse_WrongText_IsADecodeException(string text) => Assert.Throws<DecodeException>(() => YamlText.Parse(text));

    [Fact]
    public void Parse_TooDeep_IsRefused() => Assert.Throws<DecodeException>(() => YamlText.Parse(new string('[', 700) + new string(']', 700)));

    [Fact]
    public void ParseAll_EmptyDocuments_AreLeftOut() => Assert.Equal(2, YamlText.ParseAll("---\n---\na: 1\n---\n# no\n---\nb: 2\n").Count);

    [Fact]
    public void Write_Object_IsSortedAndCompactAsKubectlWrites()
    {
        var obj = new JsonObject
        {
            ["b"] = new JsonArray(1, "x", new JsonObject { ["z"] = 1, ["a"] = true }),
            ["a"] = new JsonObject { ["empty"] = new JsonObject(), ["list"] = new JsonArray(), ["nil"] = null },
            ["text"] = "line 1\nline 2\n",
        };

        Assert.Equal("""
            a:
              empty: {}
              list: []
              nil: null
            b:
            - 1
            - x
            - a: true
              z: 1
            text: |
              line 1
              line 2

            """.ReplaceLineEndings("\n"), YamlText.Write(obj));
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("n")]
    [InlineData("12")]
    [InlineData("0x10")]
    [InlineData("1e3")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData(" a ")]
    [InlineData("a: b")]
    [InlineData("- a")]
    [InlineData("*x")]
    [InlineData("#x")]
    [InlineData("a #b")]
    [InlineData("2026-01-31")]
    [InlineData("{}")]
    [InlineData("\"q\"")]
    [InlineData("a\nb")]
    [InlineData("\n")]
    [InlineData("a \n b")]
    [InlineData("trailing\n\n")]
    [InlineData("tab\tx\ny")]
    [InlineData("ü€😀")]
    [InlineData("<<")]
    [InlineData("=")]
    [InlineData("\u0001")]
    public void Write_AnyText_ReadsBackAsTheSameText(string text)
    {
        var written = YamlText.Write(new JsonObject { [text.Length == 0 ? "k" : text] = text, ["list"] = new JsonArray(text) });

        var read = (JsonObject)YamlText.Parse(written);

        Assert.Equal(text, read.Text(text.Length == 0 ? "k" : text));
        Assert.Equal(text, ((JsonArray)read["list"]!)[0].AsText());
    }
}
