using Sealos.Cli.Commands;
using Sealos.Cli.Output;
using Xunit;

namespace Sealos.Cli_Tests.Output;

public sealed class ParseErrorsTests
{
    [Theory]
    [InlineData("name: missing. The app's name: 1 to 25 lower-case letters, digits or hyphens, a letter first and no hyphen last", "app", "create", "--image", "x")]
    [InlineData("Option '--image' is required.", "app", "create", "hello")]
    [InlineData("--replicas: 'many' must be a whole number", "app", "create", "hello", "--image", "x", "--replicas", "many")]
    [InlineData("--port: '99999999999' must be a whole number", "app", "create", "hello", "--image", "x", "--port", "99999999999")]
    [InlineData("--https-port: 'http' must be a whole number", "up", "--https-port", "http")]
    [InlineData("--output: 'xml' must be one of table, json, yaml", "status", "-o", "xml")]
    [InlineData("Unrecognized command or argument '--nosuch'.", "up", "--nosuch")]
    public void Mistake_IsOneLineThatNamesIt(string line, params string[] arguments) =>
        Assert.Equal([line], ParseErrors.Explain(CommandTree.Build(new CommandContext(new Terminal(TextWriter.Null, TextWriter.Null, false), TimeProvider.System)).Parse(arguments)));
}
