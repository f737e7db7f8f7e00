using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Serialization;

public sealed class GoStringTests
{
    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("web-1", "\"web-1\"")]
    [InlineData("a\"b\\c", """
        "a\"b\\c"
        """)]
    [InlineData("\a\b\f\n\r\t\v", """
        "\a\b\f\n\r\t\v"
        """)]
    [InlineData("\u0000\u001b\u007f\u0085", """
        "\x00\x1b\x7f\u0085"
        """)]
    [InlineData("grün 🚀", "\"grün 🚀\"")]
    public void Quote_EscapesWhatCannotBeSeen(string text, string expected) => Assert.Equal(expected, GoString.Quote(text));
}
