using System.Text;
using Sealos.OsServices.Apps;
using Xunit;

namespace Sealos.OsServices_Tests.Apps;

public sealed class AppLogReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("one\ntwo\n", new[] { "one", "two" })]
    [InlineData("one\r\n\nlast", new[] { "one", "", "last" })]
    public async Task Lines_AreThoseOfTheText(string text, string[] lines) => Assert.Equal(lines, await ReadAsync(text));

    [Fact]
    public async Task Lines_ThatNeverEnd_ComeInPieces()
    {
        var lines = await ReadAsync(new string('x', 100_000) + "\nend");

        Assert.All(lines, l => Assert.True(l.Length <= 16 * 1024));
        Assert.Equal(100_003, lines.Sum(l => l.Length));
        Assert.Equal("end", lines[^1]);
    }

    [Fact]
    public async Task Lines_AsLongAsAPiece_LoseNothing()
    {
        var lines = await ReadAsync(new string('x', 16 * 1024) + "\nnext\n");

        Assert.Equal(16 * 1024, lines[0].Length);
        Assert.Equal("next", lines[^1]);
    }

    private static async Task<List<string>> ReadAsync(string text)
    {
        using var reader = new StreamReader(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        var lines = new List<string>();
        await foreach (var line in AppLogReader.LinesAsync(reader, TestContext.Current.CancellationToken))
        {
            lines.Add(line);
        }

        return lines;
    }
}
