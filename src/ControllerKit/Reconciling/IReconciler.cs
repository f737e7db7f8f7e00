namespace Sealos.ControllerKit.Reconciling;

/// <summary>
/// Brings the world one step nearer to what an object asks for. It gets a key, never an event: it reads the world itself and
/// writes only what differs, so running it twice writes nothing the second time. Throwing means "try again, backing off".
/// </summary>
public interface IReconciler
{
    /// <summary>Reconciles one object, which may be gone.</summary>
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct);
}

/// <summary>What a reconcile came to.</summary>
public readonly record struct ReconcileResult(TimeSpan? Again)
{
    /// <summary>Nothing more to do until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Look again after a while.</summary>
    public static ReconcileResult After(TimeSpan delay) => new(delay);
}

/// <summary>A failure that trying again cannot mend: the user's mistake, already reported on the object.</summary>
public sealed class TerminalException(string message) : Exception(message);
