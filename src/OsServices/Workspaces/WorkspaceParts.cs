using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.Workspaces;

/// <summary>What every part of the workspaces' service works with.</summary>
internal sealed class WorkspaceParts(KubeClient client, TimeProvider time, WorkspaceOptions options) : IDisposable
{
    /// <summary>The service's own right, for what callers may not do themselves and it has checked.</summary>
    public KubeClient Client => client;

    /// <summary>Clients with callers' own credentials.</summary>
    public KubeClientSource Callers { get; } = new(client.Config);

    public TimeProvider Time => time;

    public WorkspaceOptions Options => options;

    public WorkspaceReader Reader { get; } = new(client);

    public ObjectWait Wait { get; } = new(client, time);

    public Turns Turns { get; } = new();

    /// <summary>Refuses what is for several people where the cloud is one person's.</summary>
    public void RequireTeams()
    {
        if (options.IsSingleUser)
        {
            throw ServiceException.Forbidden("This cloud is one person's: there are no teams and no invitations.");
        }
    }

    public void Dispose()
    {
        Callers.Dispose();
        Turns.Dispose();
    }
}
