using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>Volumes as plain folders: work everywhere, keep nobody to a size, and copy what others only refer to.</summary>
internal sealed class DirectoryDriver(VolumeFolder folder) : IVolumeDriver
{
    public string Name => "directories";

    public bool EnforcesSizes => false;

    public Task OpenAsync(CancellationToken ct)
    {
        folder.Prepare();
        return Task.CompletedTask;
    }

    public async Task CreateAsync(string handle, long bytes, string? source, CancellationToken ct)
    {
        var path = folder.PathOf(handle);
        if (Directory.Exists(path))
        {
            return;
        }

        if (source is not null)
        {
            await CopyAsync(folder.PathOf(source), path, ct).ConfigureAwait(false);
            return;
        }

        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, VolumeFolder.ForAll);
    }

    public Task ResizeAsync(string handle, long bytes, CancellationToken ct) => Task.CompletedTask;

    public async Task SnapshotAsync(string handle, string snapshot, CancellationToken ct)
    {
        if (!folder.Exists(snapshot))
        {
            await CopyAsync(folder.PathOf(handle), folder.PathOf(snapshot), ct).ConfigureAwait(false);
        }
    }

    public Task DeleteAsync(string handle, CancellationToken ct)
    {
        Mounts.DeleteTree(folder.PathOf(handle));
        return Task.CompletedTask;
    }

    // Under another name until it is whole.
    private async Task CopyAsync(string from, string to, CancellationToken ct)
    {
        var partial = Path.Combine(folder.Root, ".copy-" + Path.GetFileName(to));
        Mounts.DeleteTree(partial);
        await StorageCommand.RunAsync("cp", ["--archive", "--reflink=auto", "--no-target-directory", "--", from, partial], ct).ConfigureAwait(false);
        Directory.Move(partial, to);
    }
}
