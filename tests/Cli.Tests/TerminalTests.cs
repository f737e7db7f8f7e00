using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Xunit;

namespace Sealos.Cli_Tests;

public sealed class TerminalTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Words_GoToError_DataToOutput()
    {
        var terminal = new Terminal(_output, _error, false);

        terminal.Say("hello");
        terminal.Line("data");

        Assert.Equal("data", _output.ToString().Trim());
        Assert.Equal("hello", _error.ToString().Trim());
    }

    [Fact]
    public void Table_AlignsColumns()
    {
        new Terminal(_output, _error, false).Table(["NAME", "STATE"], [["a", "running"], ["longer", "stopped"]]);

        Assert.Equal(["NAME     STATE", "a        running", "longer   stopped"], _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void ControlCharacters_OfOthersText_DoNotReachTheScreen()
    {
        var terminal = new Terminal(_output, _error, false);

        terminal.Line("a\u001b[2Jb\tc\nd\r\u009b1m");
        terminal.Say("\u001b]0;title\u0007x");
        Assert.Equal("a[2Jb\tc\nd1m", _output.ToString().Trim());
        Assert.Equal("]0;titlex", _error.ToString().Trim());

        _output.GetStringBuilder().Clear();
        terminal.Table(["NAME", "TEXT"], [["a\nb", "\u001b[1mx"]]);
        Assert.Equal(["NAME   TEXT", "ab     [1mx"], _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Document_InEitherFormat_IsReadable()
    {
        var terminal = new Terminal(_output, _error, false);

        terminal.Document(new JsonObject { ["a"] = 1 }, OutputFormat.Json);
        Assert.Equal(1, (int)JsonNode.Parse(_output.ToString())!["a"]!);
        _output.GetStringBuilder().Clear();
        terminal.Document(new JsonObject { ["a"] = 1 }, OutputFormat.Yaml);
        Assert.Equal("a: 1", _output.ToString().Trim());
    }

    [Fact]
    public void Ask_WithNobodyThere_AnswersNothing() => Assert.Null(new Terminal(_output, _error, false).Ask("sure?"));
}
