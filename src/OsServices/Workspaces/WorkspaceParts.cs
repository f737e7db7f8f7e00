using Sealos.ControllerKit.Client;

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

    public void Dispose()
    {
        Callers.Dispose();
        Turns.Dispose();
    }
}
