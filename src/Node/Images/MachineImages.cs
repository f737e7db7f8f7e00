using Microsoft.Extensions.Logging;
using Sealos.Node.Cri;

namespace Sealos.Node.Images;

/// <summary>The images of a running containerd, for whoever has no node agent at hand.</summary>
public sealed class MachineImages : IDisposable
{
    private readonly CriClient _cri;
    private readonly ImageStore _store;

    private MachineImages(string socket, TimeProvider time, ILoggerFactory loggers)
    {
        _cri = new CriClient(socket, time);
        _store = new ImageStore(_cri, socket, time, loggers.CreateLogger<ImageStore>());
    }

    /// <summary>Images behind containerd's socket.</summary>
    public static MachineImages Open(string socket, TimeProvider time, ILoggerFactory loggers) => new(socket, time, loggers);

    /// <summary>Imports the built-in images, made of the programs in a folder, unless exactly these are there already.</summary>
    public Task EnsureBuiltInAsync(string programsFolder, CancellationToken ct) => _store.EnsureBuiltInAsync(programsFolder, ct);

    /// <summary>Imports an archive in docker's or OCI's form and returns the names of its images.</summary>
    /// <exception cref="ImageException">It is not such an archive, or it names no image.</exception>
    public Task<IReadOnlyList<string>> LoadAsync(Stream archive, CancellationToken ct) => _store.LoadAsync(archive, ct);

    /// <summary>All images.</summary>
    public Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken ct) => _store.ListAsync(ct);

    /// <inheritdoc/>
    public void Dispose() => _cri.Dispose();
}
