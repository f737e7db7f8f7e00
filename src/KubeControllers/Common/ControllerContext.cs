using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Volumes;

namespace Sealos.KubeControllers.Common;

/// <summary>What every controller is built from, and the list of those that were built, in order.</summary>
internal sealed class ControllerContext(KubeControllersOptions options, KubeClient client, InformerFactory informers, ILoggerFactory loggers, TimeProvider time)
{
    private readonly List<Func<CancellationToken, Task>> _runs = [];
    private readonly List<EventRecorder> _recorders = [];
    private readonly List<IDisposable> _disposables = [];
    private VolumeLookup? _storage;

    public KubeControllersOptions Options => options;

    public KubeClient Client => client;

    public InformerFactory Informers => informers;

    public ILoggerFactory Loggers => loggers;

    public TimeProvider Time => time;

    /// <summary>Finds pods; shared, as its indexes are.</summary>
    public PodLookup Pods { get; } = new(informers.For<Pod>());

    /// <summary>The budgets that guard a pod; none where the server does not serve them.</summary>
    public Func<Pod, IEnumerable<PodDisruptionBudget>> BudgetsOf { get; set; } = _ => [];

    /// <summary>Finds volumes, claims and the pods that use them; shared, as its indexes are.</summary>
    public VolumeLookup Storage => _storage ??= new VolumeLookup(this);

    /// <summary>What runs once the caches are filled.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Runs => _runs;

    public IReadOnlyList<EventRecorder> Recorders => _recorders;

    public IReadOnlyList<IDisposable> Disposables => _disposables;

    public Informer<T> Informer<T>(string? fieldSelector = null)
        where T : class, IKubeObject<T>, new() => informers.For<T>(fieldSelector);

    public EventRecorder Recorder(string component)
    {
        var recorder = new EventRecorder(client, component, time, loggers.CreateLogger("Sealos.KubeControllers.Events"));
        _recorders.Add(recorder);
        return recorder;
    }

    /// <summary>A controller over a reconciler, with some workers.</summary>
    public Controller Add(string name, IReconciler reconciler, int workers)
    {
        var controller = new Controller(name, reconciler, loggers.CreateLogger("Sealos.KubeControllers." + name), time);
        _disposables.Add(controller);
        _runs.Add(ct => controller.RunAsync(workers, ct));
        return controller;
    }

    /// <summary>Something else that runs until cancelled, and what to dispose of then.</summary>
    public void Run(Func<CancellationToken, Task> run, IDisposable? disposable = null)
    {
        _runs.Add(run);
        if (disposable is not null)
        {
            _disposables.Add(disposable);
        }
    }

    /// <summary>Calls <paramref name="handle"/> with the key of every object of a kind that comes, changes or goes.</summary>
    public void Watch<T>(Action<ObjectKey> handle)
        where T : class, IKubeObject<T>, new() =>
        Informer<T>().OnChange((old, now) => handle(ObjectKey.Of((now ?? old)!)));
}
