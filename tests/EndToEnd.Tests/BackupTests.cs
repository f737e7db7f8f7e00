using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests;

/// <summary>A cloud that was backed up while it worked comes back whole, and a restore can be taken back.</summary>
[Collection(RoughCollection.Name)]
public sealed class BackupTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backup_UnderLoad_ThenRestore_BringsTheAppBack_AndUndoTakesItAway()
    {
        var folder = Directory.CreateTempSubdirectory("sealos-backup-").FullName;
        var file = Path.Combine(folder, "one.sealos");
        var address = await fixture.LaunchAsync("returning");
        var acknowledged = await BackUpWhileWritingAsync(file);
        await fixture.DeleteAsync("returning");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal([file], Directory.GetFiles(folder));
        Assert.Equal(2, (await _cloud.SealosAsync(["backup", file], Ct)).ExitCode);
        var running = await _cloud.SealosAsync(["restore", "--yes", file], Ct);
        Assert.Equal(1, running.ExitCode);
        Assert.Contains("sealos down", running.Error, StringComparison.Ordinal);

        var newest = await RevisionAsync();
        await _cloud.SealosAsync(["down"], Ct).OutputAsync();
        var damaged = Path.Combine(folder, "damaged.sealos");
        await File.WriteAllBytesAsync(damaged, (await File.ReadAllBytesAsync(file, Ct))[..^2000], Ct);
        Assert.Contains("is not a whole backup", (await _cloud.SealosAsync(["restore", "--yes", damaged], Ct)).Error, StringComparison.Ordinal);
        var restored = await _cloud.SealosAsync(["restore", "--yes", "-o", "json", file], Ct);
        Assert.Contains("sealos up", restored.Error, StringComparison.Ordinal);
        Assert.Equal(_cloud.Instance, (string?)JsonNode.Parse(restored.Output)!["instance"]);
        await _cloud.UpAsync(Ct).OutputAsync();

        using (var browser = _cloud.OpenBrowser())
        {
            await CloudFixture.AnswersAsync(browser, address);
        }

        Assert.Subset((await NamesAsync()).ToHashSet(), acknowledged.ToHashSet());
        Assert.True(await RevisionAsync() > newest + 1_000_000);

        await _cloud.SealosAsync(["down"], Ct).OutputAsync();
        await _cloud.SealosAsync(["restore", "--undo", "--yes"], Ct).OutputAsync();
        await _cloud.UpAsync(Ct).OutputAsync();
        Assert.DoesNotContain("returning", await _cloud.SealosAsync(["app", "list"], Ct).OutputAsync(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What was acknowledged before the backup began must be in it.</summary>
    private async Task<List<string>> BackUpWhileWritingAsync(string file)
    {
        using var client = await _cloud.ConnectAsync(Ct);
        List<string> before = [];
        Task<CommandResult>? backup = null;
        for (var i = 0; backup is not { IsCompleted: true }; i++)
        {
            var name = $"saved-{i}";
            await client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = name, Namespace = "default" } }, Ct);
            if (i < 200)
            {
                before.Add(name);
            }
            else
            {
                backup ??= _cloud.SealosAsync(["backup", "-o", "json", file], Ct);
            }
        }

        Assert.Equal(file, (string?)JsonNode.Parse(await backup.OutputAsync())!["file"]);
        return before;
    }

    private async Task<List<string>> NamesAsync()
    {
        using var client = await _cloud.ConnectAsync(Ct);
        return [.. (await client.ListAsync<ConfigMap>("default", null, Ct)).Items.Select(c => c.Metadata.Name!)];
    }

    private async Task<long> RevisionAsync()
    {
        using var client = await _cloud.ConnectAsync(Ct);
        var list = await client.ListAsync<ConfigMap>("default", null, Ct);
        return long.Parse(list.Metadata.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture);
    }
}
