using Sealos.Testing;
using Sealos.Testing.Software;
using Xunit;

// All software runs in one cloud, side by side. Each story must be able to start before any of them ends.
[assembly: AssemblyFixture(typeof(Sealos.Software_Tests.SoftwareFixture))]
[assembly: CollectionBehavior(MaxParallelThreads = 16)]

namespace Sealos.Software_Tests;

/// <summary>A cloud for real software, whose server dies while all of it is being restarted.</summary>
public sealed class SoftwareFixture : CloudFixture
{
    private readonly Interruption _gathering = new(() => Task.CompletedTask);
    private readonly Interruption _serverDeath;
    private readonly SemaphoreSlim _loading = new(1);

    public SoftwareFixture() => _serverDeath = new Interruption(KillServerAsync);

    /// <summary>Loads an image, which is made first when it must be.</summary>
    public async Task LoadAsync(DebianImage image, CancellationToken ct)
    {
        var archive = await image.ArchiveAsync(ct);
        await _loading.WaitAsync(ct);
        try
        {
            var known = await Cloud.SealosAsync(["image", "list", "-o", "json"], ct).OutputAsync();
            if (!known.Contains(image.Reference, StringComparison.Ordinal))
            {
                await Cloud.SealosAsync(["image", "load", archive], ct).OutputAsync();
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>A story begins, and will wait for the server's death.</summary>
    public void Join()
    {
        _gathering.Join();
        _serverDeath.Join();
    }

    /// <summary>A story has ended.</summary>
    public void Leave()
    {
        _gathering.Leave();
        _serverDeath.Leave();
    }

    /// <summary>Waits until all stories have come as far as this one.</summary>
    public Task GatherAsync(CancellationToken ct) => _gathering.WaitAsync(ct);

    /// <summary>The server is killed, once all stories have begun what that is to disturb, and started again.</summary>
    public Task ServerDeathAsync(CancellationToken ct) => _serverDeath.WaitAsync(ct);

    private async Task KillServerAsync()
    {
        await LinuxProcess.KillAsync(await Cloud.PidAsync("server", CancellationToken.None), CancellationToken.None);
        await Cloud.UpAsync(CancellationToken.None).OutputAsync();
    }
}
