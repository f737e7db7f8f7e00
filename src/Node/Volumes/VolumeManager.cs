using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>Makes the volumes of pods, keeps those made from objects up to date, and takes them away.</summary>
internal sealed partial class VolumeManager : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(20);

    private readonly VolumeOptions _options;
    private readonly IVolumeObjects _objects;
    private readonly ObjectVolumes _contents;
    private readonly ClaimVolumes _claims;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, PodVolumes> _pods = new(StringComparer.Ordinal);
    private readonly VolumeReferences _references = new();

    /// <summary>A manager of the volumes below the options' folders.</summary>
    public VolumeManager(VolumeOptions options, IVolumeObjects objects, ResourceValue resourceValue, TimeProvider time, ILogger<VolumeManager> logger)
    {
        _options = options;
        _objects = objects;
        _contents = new ObjectVolumes(objects, resourceValue, time);
        _claims = new ClaimVolumes(objects, options);
        _time = time;
        _logger = logger;
        _objects.Changed += OnObjectChanged;
    }

    /// <summary>An emptyDir holds more than its limit allows: the pod is to be evicted.</summary>
    public event Action<Pod, string>? LimitExceeded;

    /// <summary>
    /// Makes the pod's volumes and returns where each lies, by name. Called again it makes nothing anew, but shows the pod's newest
    /// labels and annotations where a volume does so.
    /// </summary>
    /// <exception cref="VolumeException">A volume cannot be made, for now or at all.</exception>
    public async Task<IReadOnlyDictionary<string, string>> SetUpAsync(Pod pod, CancellationToken ct)
    {
        var state = _pods.GetOrAdd(pod.Metadata.Uid!, _ => new PodVolumes(pod));
        await state.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (state.Paths is not null && state.ShowsSame(pod))
            {
                return state.Paths;
            }

            // Before anything is read, so that a change meanwhile is not missed.
            state.Pod = pod;
            _references.Set(pod);
            state.Paths = await MakeAllAsync(state, ct).ConfigureAwait(false);
            return state.Paths;
        }
        finally
        {
            state.Gate.Release();
        }
    }

    /// <summary>The claims that pods of this node have, and where their volumes lie.</summary>
    public IEnumerable<UsedClaim> ClaimsInUse() =>
        from state in _pods.Values
        let paths = state.Paths
        where paths is not null
        from volume in state.Pod.Spec?.Volumes ?? []
        where ClaimVolumes.IsClaim(volume) && paths.ContainsKey(volume.Name ?? "")
        select new UsedClaim(state.Pod.Metadata.Uid!, volume.Name!, state.Pod.Metadata.Namespace!, ClaimVolumes.ClaimOf(state.Pod, volume), paths[volume.Name!]);

    /// <summary>Unmounts and deletes everything of the pod's volumes; the machine's own paths are left alone.</summary>
    public async Task TearDownAsync(string podUid, CancellationToken ct)
    {
        _references.Remove(podUid);
        if (!_pods.TryRemove(podUid, out var state))
        {
            DeleteAll(podUid);
            return;
        }

        // A refresh that began before may still be writing.
        await state.Gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            DeleteAll(podUid);
        }
        finally
        {
            state.Gate.Release();
        }
    }

    /// <summary>Takes away what is left of pods that are no more, from before this server started.</summary>
    public async Task CleanUpAsync(IReadOnlySet<string> livePodUids, CancellationToken ct)
    {
        string[] roots = [_options.PodsRoot, _options.SecretsRoot];
        var gone = roots.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(d => Path.GetFileName(d)!).Distinct().Where(u => !livePodUids.Contains(u)).ToList();
        foreach (var uid in gone)
        {
            try
            {
                await TearDownAsync(uid, ct).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                LogLeftover(_logger, uid, e.Message);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _objects.Changed -= OnObjectChanged;
        _claims.Dispose();
    }

    private string VolumesOf(string uid) => VolumeUses.FolderOf(_options.PodsRoot, uid);

    private string SecretsOf(string uid) => Path.Combine(_options.SecretsRoot, uid);

    private void DeleteAll(string uid)
    {
        Mounts.DeleteTree(VolumesOf(uid));
        Mounts.DeleteTree(SecretsOf(uid));
    }

    private async Task<Dictionary<string, string>> MakeAllAsync(PodVolumes state, CancellationToken ct)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        state.RefreshAt = null;
        foreach (var volume in state.Pod.Spec?.Volumes ?? [])
        {
            var name = volume.Name ?? "";
            try
            {
                paths[name] = await MakeAsync(state, volume, ct).ConfigureAwait(false);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or ApiException or HttpRequestException)
            {
                throw VolumeException.Of(name, e.Message, e);
            }
        }

        return paths;
    }

    private async Task<string> MakeAsync(PodVolumes state, Volume volume, CancellationToken ct)
    {
        if (volume.HostPath is { } hostPath)
        {
            return HostPaths.SetUp(hostPath);
        }

        if (volume.Csi is { } csi)
        {
            throw new InvalidDataException($"kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name {csi.Driver} not found in the list of registered CSI drivers");
        }

        var folder = FolderOf(state.Pod, volume);
        if (volume.EmptyDir is { } emptyDir)
        {
            EmptyDirs.SetUp(folder, emptyDir, state.Pod.Spec);
            return folder;
        }

        if (ClaimVolumes.IsClaim(volume))
        {
            return await _claims.SetUpAsync(state.Pod, volume, folder, ct).ConfigureAwait(false);
        }

        var content = await _contents.CollectAsync(state.Pod, volume, folder, ct).ConfigureAwait(false)
            ?? throw new InvalidDataException($"volumes of type {TypeOf(volume)} are not built yet; emptyDir, configMap, secret, downwardAPI, projected, persistentVolumeClaim, ephemeral and hostPath are");
        Directory.CreateDirectory(folder);
        AtomicWriter.Write(folder, content.Files, state.Pod.Spec?.SecurityContext?.FsGroup, _time);
        state.RefreshBy(content.RefreshAt);
        return folder;
    }

    private string FolderOf(Pod pod, Volume volume)
    {
        var isSecret = volume.Secret is not null || volume.Projected is not null;
        if (isSecret)
        {
            EnsureInMemory(_options.SecretsRoot);
        }

        // Containers reach volumes by mounts; nobody else on the machine needs to look in.
        var root = isSecret ? SecretsOf(pod.Metadata.Uid!) : VolumesOf(pod.Metadata.Uid!);
        Directory.CreateDirectory(root, Private);
        var name = volume.Name ?? "";
        return name.Length == 0 || name.Contains('/') || name.StartsWith('.')
            ? throw new InvalidDataException("its name is no volume name")
            : Path.Combine(root, name);
    }

    private static void EnsureInMemory(string folder)
    {
        Directory.CreateDirectory(folder, Private);
        if (new DriveInfo(folder).DriveFormat != "tmpfs")
        {
            LinuxFiles.MountMemory(folder, "mode=0700");
        }
    }

    private static string TypeOf(Volume volume) =>
        JsonSerializer.SerializeToElement(volume, KubeJson.Options).EnumerateObject().Select(p => p.Name).FirstOrDefault(n => n != "name") ?? "unknown";

    private void OnObjectChanged(ObjectReferenceKey? key)
    {
        foreach (var uid in key is { } known ? _references.Find(known) : _references.All())
        {
            _dirty.Writer.TryWrite(uid);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "volumes of pod {Uid}, which is gone, could not be removed: {Reason}")]
    private static partial void LogLeftover(ILogger logger, string uid, string reason);
}
