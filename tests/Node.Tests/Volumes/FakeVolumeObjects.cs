using System.Buffers.Text;
using System.Text;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;
using Sealos.Node.Volumes;

namespace Sealos.Node.Tests.Volumes;

/// <summary>Objects in memory in place of the API server's.</summary>
internal sealed class FakeVolumeObjects(TimeProvider time) : IVolumeObjects
{
    public event Action<ObjectReferenceKey?>? Changed;

    public Dictionary<string, ConfigMap> ConfigMaps { get; } = [];

    public Dictionary<string, Secret> Secrets { get; } = [];

    public Dictionary<string, PersistentVolumeClaim> Claims { get; } = [];

    public Dictionary<string, PersistentVolume> Volumes { get; } = [];

    public int Tokens { get; private set; }

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => Task.FromResult(ConfigMaps.GetValueOrDefault(name));

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => Task.FromResult(Secrets.GetValueOrDefault(name));

    public Task<PersistentVolumeClaim?> FindClaimAsync(string ns, string name, CancellationToken ct) => Task.FromResult(Claims.GetValueOrDefault(name));

    public Task<PersistentVolume?> FindVolumeAsync(string name, CancellationToken ct) => Task.FromResult(Volumes.GetValueOrDefault(name));

    public Task<TokenRequestStatus> RequestTokenAsync(Pod pod, ServiceAccountTokenProjection projection, CancellationToken ct)
    {
        Tokens++;
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var bound = $$"""{"pod":{"uid":"{{pod.Metadata.Uid}}"} }""";
        var claims = $$"""{"aud":["{{projection.Audience}}"],"iat":{{now}},"exp":{{now + projection.ExpirationSeconds}},"jti":"{{Tokens}}","kubernetes.io":{{bound}} }""";
        return Task.FromResult(new TokenRequestStatus { Token = $"h.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.s" });
    }

    public Task FollowAsync(CancellationToken ct) => Task.Delay(Timeout.InfiniteTimeSpan, ct);

    /// <summary>Changes an object as if nobody had noticed, and says that something may have been missed.</summary>
    public void ChangeUnnoticed(ConfigMap map, string name)
    {
        ConfigMaps[name] = map;
        Changed?.Invoke(null);
    }

    public void Change(ConfigMap map, string name)
    {
        ConfigMaps[name] = map;
        Changed?.Invoke(new ObjectReferenceKey("ConfigMap", "ns", name));
    }
}
