using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Operators;

/// <summary>
/// Asks for the suspension of a workspace, and for its end, by the annotation that money writes, too: admission refuses new work from
/// that moment on, and <c>SuspensionReconciler</c> stops what runs.
/// </summary>
public sealed class WorkspaceSuspension(KubeClient client, TimeProvider time)
{
    internal const string Suspend = "Suspend";
    internal const string Completed = "SuspendCompleted";
    internal const string Resume = "Resume";
    internal const string Normal = "Normal";

    /// <summary>Suspends a workspace, and tells its members why.</summary>
    public async Task SuspendAsync(string workspace, string? reason, CancellationToken ct)
    {
        var why = OperatedWorkspace.ReasonOf(reason);
        var ns = await OperatedWorkspace.FindAsync(client, workspace, ct).ConfigureAwait(false);
        var status = ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus);
        if (StateOf(status) is "suspended" or "suspending" && ns.Metadata.Annotations!.ContainsKey(UserKeys.SuspendReason))
        {
            throw ServiceException.Conflict("The workspace is suspended already.");
        }

        // Where it is suspended for its debts, an operator's reason comes besides.
        await OperatedWorkspace.AnnotateAsync(client, ns, new JsonObject { [UserKeys.DebtStatus] = StateOf(status) == "suspended" ? status : Suspend, [UserKeys.SuspendReason] = why }, ct).ConfigureAwait(false);
        await new NotificationWriter(client, time).ToWorkspaceAsync(
            ns.Metadata.Name!, new Message("This workspace is suspended", $"What ran in it is stopped, and nothing new can be started. Reason: {why}", Severity.High), ct).ConfigureAwait(false);
    }

    /// <summary>Ends the suspension: what ran before is started again.</summary>
    public async Task ResumeAsync(string workspace, CancellationToken ct)
    {
        var ns = await OperatedWorkspace.FindAsync(client, workspace, ct).ConfigureAwait(false);
        if (StateOf(ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus)) is null or "resuming")
        {
            throw ServiceException.Conflict("The workspace is not suspended.");
        }

        await OperatedWorkspace.AnnotateAsync(client, ns, new JsonObject { [UserKeys.DebtStatus] = Resume, [UserKeys.SuspendReason] = null }, ct).ConfigureAwait(false);
        await new NotificationWriter(client, time).ToWorkspaceAsync(
            ns.Metadata.Name!, new Message("This workspace is open again", "What ran before it was suspended is being started.", Severity.Medium), ct).ConfigureAwait(false);
    }

    /// <summary>The state of every workspace that is not as usual, by namespace; read page by page.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> StatesAsync(KubeClient client, CancellationToken ct)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var page = await client.ListAsync<Namespace>(null, new ListQuery { LabelSelector = UserKeys.Owner, Limit = 500, Continue = next }, ct).ConfigureAwait(false);
            foreach (var ns in page.Items)
            {
                if (StateOf(ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus)) is { } state)
                {
                    states[ns.Metadata.Name!] = state;
                }
            }

            next = page.Metadata.Continue is { Length: > 0 } token ? token : null;
        }
        while (next is not null);

        return states;
    }

    /// <summary>Whether a workspace is <c>suspending</c>, <c>suspended</c> or <c>resuming</c>, and why; null where nothing is suspended.</summary>
    public static (string? State, string? Reason) Read(Namespace ns) =>
        (StateOf(ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus)), ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.SuspendReason));

    /// <summary>What the annotation says in one word; null where nothing is suspended.</summary>
    internal static string? StateOf(string? debtStatus) => debtStatus switch
    {
        Suspend or "TerminateSuspend" => "suspending",
        Completed or "TerminateSuspendCompleted" or "FinalDeletion" or "FinalDeletionCompleted" => "suspended",
        Resume => "resuming",
        _ => null,
    };
}
