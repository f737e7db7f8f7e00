using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.SignIn;

/// <summary>The settings of signing in as they are now; the ConfigMap is followed, so asking costs nothing.</summary>
public sealed partial class SignInSettingsSource : IAsyncDisposable
{
    private readonly bool _isSingleUser;
    private readonly InformerFactory _informers;
    private readonly Informer<ConfigMap> _maps;
    private volatile SignInSettings _current = SignInSettings.Usual;

    /// <summary>Not yet followed; where the cloud is one person's, nobody signs up whatever they say.</summary>
    public SignInSettingsSource(KubeClient client, ILoggerFactory loggers, bool isSingleUser = false)
    {
        _isSingleUser = isSingleUser;
        var logger = loggers.CreateLogger<SignInSettingsSource>();
        _informers = new InformerFactory(client, loggers, SignInSettings.Namespace);
        _maps = _informers.For<ConfigMap>(fieldSelector: $"metadata.name={SignInSettings.ConfigMapName}");
        _maps.OnChange((_, now) =>
        {
            _current = SignInSettings.Read(now);
            foreach (var problem in _current.Problems)
            {
                LogProblem(logger, SignInSettings.Namespace, SignInSettings.ConfigMapName, problem);
            }
        });
    }

    /// <summary>Whether the cloud is one person's.</summary>
    public bool IsSingleUser => _isSingleUser;

    /// <summary>Begins to follow them.</summary>
    public void Start() => _informers.Start();

    /// <summary>The settings as far as they are known yet.</summary>
    public SignInSettings Current => OfCloud(_current);

    /// <summary>The settings now; the first to ask waits until they are known.</summary>
    public async ValueTask<SignInSettings> ReadAsync(CancellationToken ct)
    {
        await _maps.WaitForSyncAsync(ct).ConfigureAwait(false);
        return Current;
    }

    /// <summary>Calls back whenever the ConfigMap has changed, and once for what is known already.</summary>
    public IDisposable OnChange(Action<SignInSettings> changed) => _maps.OnChange((_, now) => changed(OfCloud(SignInSettings.Read(now))));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _informers.DisposeAsync();

    private SignInSettings OfCloud(SignInSettings read) => _isSingleUser ? read with { SignUp = SignUpMode.Off, AdmitsStrangers = false } : read;

    [LoggerMessage(1, LogLevel.Warning, "ConfigMap {Namespace}/{Name}: {Problem}")]
    private static partial void LogProblem(ILogger logger, string @namespace, string name, string problem);
}
