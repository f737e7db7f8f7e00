using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using Sealos.Node.Logs;
using Xunit;

namespace Sealos.Node.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("logs").FullName;
    private int _second;

    private string LogPath => Path.Combine(_folder, "0.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Read_PartialPieces_AreJoined()
    {
        Append(("P", "one "), ("P", "line "), ("F", "only"), ("F", "two"));

        Assert.Equal("one line only\ntwo\n", await ReadAsync(new LogOptions()));
    }

    [Fact]
    public async Task Read_Timestamps_StandBeforeLinesNotBeforePieces()
    {
        await File.WriteAllTextAsync(LogPath, "2026-01-02T03:04:05.12Z stdout P a\n2026-01-02T03:04:06Z stderr F b\n2026-01-02T03:04:07+01:00 stdout F c\n", TestContext.Current.CancellationToken);

        Assert.Equal("2026-01-02T03:04:05.120000000Z ab\n2026-01-02T03:04:07.000000000+01:00 c\n", await ReadAsync(new LogOptions { Timestamps = true }));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "four\n")]
    [InlineData(2, "three three\nfour\n")]
    [InlineData(4, "one\ntwo\nthree three\nfour\n")]
    [InlineData(9, "one\ntwo\nthree three\nfour\n")]
    public async Task Read_Tail_CountsWholeLines(int tail, string expected)
    {
        Append(("F", "one"), ("F", "two"), ("P", "three "), ("F", "three"), ("F", "four"));

        Assert.Equal(expected, await ReadAsync(new LogOptions { TailLines = tail }));
    }

    [Fact]
    public async Task Read_TailOfUnfinishedLine_CountsItAsOne()
    {
        Append(("F", "one"), ("P", "two "), ("P", "more"));

        Assert.Equal("two more", await ReadAsync(new LogOptions { TailLines = 1 }));
        Assert.Equal("one\ntwo more", await ReadAsync(new LogOptions { TailLines = 2 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1234)]
    [InlineData(4999)]
    [InlineData(5000)]
    [InlineData(7000)]
    [InlineData(12000)]
    [InlineData(20000)]
    public async Task Read_TailOverRotatedFiles_EqualsTheEndOfTheWhole(int tail)
    {
        var all = new List<string>();
        foreach (var name in new[] { "0.log.20260101-000000.gz", "0.log.20260102-000000", "0.log" })
        {
            var lines = Enumerable.Range(0, 5000).Select(i => $"{name} {i} {new string('x', i % 97)}").ToList();
            all.AddRange(lines);
            await WriteLinesAsync(name, lines);
        }

        Assert.Equal(string.Concat(all.TakeLast(tail).Select(l => l + "\n")), await ReadAsync(new LogOptions { TailLines = tail }));
    }

    [Fact]
    public async Task Read_Since_LeavesOutOlderLines()
    {
        Append(("F", "one"), ("F", "two"), ("F", "three"));

        Assert.Equal("two\nthree\n", await ReadAsync(new LogOptions { Since = Second(1) }));
        Assert.Equal("three\n", await ReadAsync(new LogOptions { Since = Second(1).AddMilliseconds(1) }));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(5, "one\nt")]
    [InlineData(100, "one\ntwo\n")]
    public async Task Read_LimitBytes_CutsExactly(int limit, string expected)
    {
        Append(("F", "one"), ("F", "two"));

        Assert.Equal(expected, await ReadAsync(new LogOptions { LimitBytes = limit }));
    }

    [Fact]
    public async Task Read_NoFile_IsEmpty()
    {
        Assert.Equal("", await ReadAsync(new LogOptions()));
        Assert.Equal("", await ReadAsync(new LogOptions { TailLines = 3 }));
    }

    [Fact]
    public async Task Follow_LinesAppendedAcrossRotation_AllArriveOnceAndItEndsWithTheContainer()
    {
        var running = true;
        Append(("F", "old"), ("F", "0"));
        var pipe = new Pipe();
        var follow = FollowAsync(new LogOptions { Follow = true, TailLines = 1 }, pipe, () => running);
        var read = ReadAllAsync(pipe.Reader);

        await UntilAsync(() => read.Text.EndsWith("0\n", StringComparison.Ordinal));
        Append(("F", "1"));
        File.Move(LogPath, LogPath + ".20260101-000000");
        Append(".20260101-000000", ("F", "2"));
        await UntilAsync(() => read.Text.EndsWith("2\n", StringComparison.Ordinal));
        Append(("F", "3"));
        await UntilAsync(() => read.Text.EndsWith("3\n", StringComparison.Ordinal));
        Append(("F", "4"));
        running = false;
        await follow;

        Assert.Equal("0\n1\n2\n3\n4\n", read.Text);
    }

    [Fact]
    public async Task Follow_FileNotThereYet_WaitsForIt()
    {
        var pipe = new Pipe();
        var running = true;
        var follow = FollowAsync(new LogOptions { Follow = true }, pipe, () => running);
        var read = ReadAllAsync(pipe.Reader);
        Append(("F", "first"));
        await UntilAsync(() => read.Text == "first\n");
        running = false;
        await follow;
    }

    [Fact]
    public async Task Follow_FolderBehindSymbolicLink_ShowsLinesOnce()
    {
        var link = _folder + "-link";
        Directory.CreateSymbolicLink(link, _folder);
        Append(("F", "one"));
        var looks = 0;
        var pipe = new Pipe();
        var read = ReadAllAsync(pipe.Reader);
        await new LogReader(Path.Combine(link, "0.log"), new LogOptions { Follow = true }, pipe.Writer, TimeProvider.System).WriteAsync(() => ++looks < 4, TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        Directory.Delete(link);

        await read.Task;
        Assert.Equal("one\n", read.Text);
    }

    [Fact]
    public async Task Follow_ReaderGone_Ends()
    {
        Append(("F", "one"));
        var pipe = new Pipe();
        var follow = FollowAsync(new LogOptions { Follow = true }, pipe, () => true);
        await pipe.Reader.CompleteAsync();
        Append(("F", "two"));

        await follow.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private static DateTimeOffset Second(int second) => new(2026, 1, 2, 3, 4, second, TimeSpan.Zero);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 500, "it did not happen within 5 seconds");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static Reading ReadAllAsync(PipeReader reader)
    {
        var reading = new Reading();
        reading.Task = Task.Run(async () =>
        {
            await foreach (var _ in reading.PumpAsync(reader))
            {
            }
        });
        return reading;
    }

    private void Append(params (string Tag, string Text)[] pieces) => Append("", pieces);

    private void Append(string suffix, params (string Tag, string Text)[] pieces)
    {
        var text = new StringBuilder();
        foreach (var (tag, content) in pieces)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Second(_second++):yyyy-MM-dd'T'HH:mm:ss}Z stdout {tag} {content}\n");
        }

        File.AppendAllText(LogPath + suffix, text.ToString());
    }

    private async Task WriteLinesAsync(string name, List<string> lines)
    {
        var file = File.Create(Path.Combine(_folder, name));
        await using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => $"2026-01-02T03:04:05.123456789Z stdout F {l}\n"))), TestContext.Current.CancellationToken);
    }

    private async Task<string> ReadAsync(LogOptions options)
    {
        using var buffer = new MemoryStream();
        var writer = PipeWriter.Create(buffer, new StreamPipeWriterOptions(leaveOpen: true));
        await new LogReader(LogPath, options, writer, TimeProvider.System).WriteAsync(() => false, TestContext.Current.CancellationToken);
        await writer.CompleteAsync();
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private async Task FollowAsync(LogOptions options, Pipe pipe, Func<bool> isRunning)
    {
        await new LogReader(LogPath, options, pipe.Writer, TimeProvider.System).WriteAsync(isRunning, TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
    }

    private sealed class Reading
    {
        private readonly StringBuilder _text = new();

        public Task Task { get; set; } = Task.CompletedTask;

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public async IAsyncEnumerable<int> PumpAsync(PipeReader reader)
        {
            while (await reader.ReadAsync() is { } result && (!result.IsCompleted || !result.Buffer.IsEmpty))
            {
                lock (_text)
                {
                    foreach (var segment in result.Buffer)
                    {
                        _text.Append(Encoding.UTF8.GetString(segment.Span));
                    }
                }

                reader.AdvanceTo(result.Buffer.End);
                yield return 0;
            }
        }
    }
}
