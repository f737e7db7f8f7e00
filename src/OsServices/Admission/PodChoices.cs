using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Node;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Admission;

/// <summary>
/// What the operator has chosen for pods of workspaces (ConfigMap <c>workspaces</c>, and annotations of one workspace), and what holds where
/// nothing is chosen: gVisor, and images pulled with one's own credential, where strangers may sign up or could when the workspace was made.
/// All of it is followed, so asking costs nothing.
/// </summary>
internal sealed class PodChoices : IPodChoices, IAsyncDisposable
{
    private readonly Func<string, IReadOnlyDictionary<string, string>?> _annotationsOf;
    private readonly InformerFactory _system;
    private readonly SignInSettingsSource _signIn;
    private readonly Informer<ConfigMap> _settings;
    private readonly Informer<RuntimeClass> _runtimes;
    private readonly Informer<PriorityClass> _priorities;
    private volatile WallChoice _chosen = new(new WallOptions());

    /// <param name="client">With whose right.</param>
    /// <param name="everywhere">Follows the cluster.</param>
    /// <param name="annotationsOf">The annotations of a workspace's namespace.</param>
    /// <param name="isSingleUser">Whether the cloud is one person's, so that nobody is a stranger.</param>
    /// <param name="loggers">Where it logs.</param>
    public PodChoices(KubeClient client, InformerFactory everywhere, Func<string, IReadOnlyDictionary<string, string>?> annotationsOf, bool isSingleUser, ILoggerFactory loggers)
    {
        _annotationsOf = annotationsOf;
        _system = new InformerFactory(client, loggers, AdmissionNames.Namespace);
        _signIn = new SignInSettingsSource(client, loggers, isSingleUser);
        _runtimes = everywhere.For<RuntimeClass>();
        _priorities = everywhere.For<PriorityClass>();
        _settings = _system.For<ConfigMap>(fieldSelector: "metadata.name=" + WallSettings.Name);
        _settings.OnChange((_, now) => _chosen = WallChoice.Read(now?.Data, new WallOptions()));
    }

    /// <inheritdoc/>
    public PodPriority? Priority => _chosen.PriorityClass switch
    {
        WallChoice.NoPriorityClass => null,
        var name => _priorities.Get(null, name)?.InPod() ?? (name == WallChoice.WorkspacePriority ? PriorityClass.Workspace.InPod() : new PodPriority(name, null, PriorityClass.Never)),
    };

    /// <inheritdoc/>
    public string? RuntimeClassOf(string workspace)
    {
        var annotations = _annotationsOf(workspace);
        return Choose(WallChoice.RuntimeClassOf(annotations?.GetValueOrDefault(UserKeys.RuntimeClass)).Class ?? _chosen.RuntimeClass, IsAmongStrangers(annotations));
    }

    /// <inheritdoc/>
    public string? PullPolicyOf(string workspace) => _chosen.ImagePullPolicy switch
    {
        WallChoice.AnyPullPolicy => null,
        null => IsAmongStrangers(_annotationsOf(workspace)) ? WallChoice.AlwaysPull : null,
        var policy => policy,
    };

    /// <inheritdoc/>
    public bool HasRuntimeClass(string name) => _runtimes.Get(null, name) is not null;

    /// <inheritdoc/>
    public bool IsDefaultPriority(string name) => _priorities.Get(null, name)?.GlobalDefault == true;

    /// <summary>Whether the class of workspaces' pods is there.</summary>
    public bool HasWorkspacePriority => _priorities.Get(null, WallChoice.WorkspacePriority) is not null;

    /// <summary>Begins to follow; returns when all of it is known.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        _system.Start();
        _signIn.Start();
        await _system.WaitForSyncAsync(ct).ConfigureAwait(false);
        await _signIn.ReadAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Tells of each change that may be one of what is wanted or there.</summary>
    public void OnChange(Action changed)
    {
        _settings.OnChange((_, _) => changed());
        _runtimes.OnChange((_, _) => changed());
        _priorities.OnChange((_, _) => changed());
        _signIn.OnChange(_ => changed());
    }

    /// <summary>What those get who are asked for nothing else, for whoever keeps an eye on the cloud.</summary>
    public string? UsualRuntimeClass => Choose(_chosen.RuntimeClass, _signIn.Current.AdmitsStrangers);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _signIn.DisposeAsync().ConfigureAwait(false);
        await _system.DisposeAsync().ConfigureAwait(false);
    }

    private static string? Choose(string? chosen, bool amongStrangers) =>
        chosen is null ? (amongStrangers ? WallChoice.Gvisor : null) : chosen == WallChoice.UsualRuntime ? null : chosen;

    private bool IsAmongStrangers(IReadOnlyDictionary<string, string>? annotations) => _signIn.Current.AdmitsStrangers || annotations?.ContainsKey(UserKeys.AmongStrangers) == true;
}
