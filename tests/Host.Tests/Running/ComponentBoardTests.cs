using System.Diagnostics;
using Sealos.Host.Running;
using Xunit;

namespace Sealos.Host_Tests.Running;

/// <summary>The edge owns the folder of its status file, and the server reads that.</summary>
public sealed class ComponentBoardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-board-").FullName;

    private string Status => Path.Combine(_folder, "status.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WhatABoardWrote_IsThere()
    {
        new ComponentBoard(Status, ["dns"], TimeProvider.System).Set("dns", "running");

        Assert.Equal(("dns", "running"), ComponentBoard.Read(Status)!.Components.Select(c => (c.Name, c.State)).Single());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"pid":1,"components":null}""")]
    [InlineData("""{"pid":1,"components":[null]}""")]
    [InlineData("""{"pid":1,"components":[{"state":"running"}]}""")]
    [InlineData("")]
    public void Read_NotAReport_IsNull(string text)
    {
        File.WriteAllText(Status, text);

        Assert.Null(ComponentBoard.Read(Status));
    }

    [Fact]
    public async Task Read_NotARegularFileOfBoundedSize_IsNullAtOnce()
    {
        var ct = TestContext.Current.CancellationToken;
        var pipe = Path.Combine(_folder, "pipe");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(ct);
        }

        var real = Path.Combine(_folder, "real");
        _ = new ComponentBoard(real, ["dns"], TimeProvider.System);
        File.CreateSymbolicLink(Status, real);
        var large = Path.Combine(_folder, "large");
        await using (var file = File.Create(large))
        {
            file.SetLength(1L << 40);
        }

        foreach (var path in (string[])[pipe, Status, large, _folder, Path.Combine(_folder, "missing")])
        {
            Assert.Null(await Task.Run(() => ComponentBoard.Read(path), ct).WaitAsync(TimeSpan.FromSeconds(60), ct));
        }
    }
}
