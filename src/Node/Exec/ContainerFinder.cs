using Microsoft.AspNetCore.Http;
using Sealos.Kinds.Core;

namespace Sealos.Node.Exec;

/// <summary>
/// Finds what a request's path names, or refuses as Kubernetes does. Ids in a status may be what somebody wrote there through the API,
/// so none is used that the runtime does not have for that very container.
/// </summary>
internal sealed class ContainerFinder(IPodLookup pods)
{
    private const string IdPrefix = "containerd://";

    /// <summary>The pod.</summary>
    public Pod Pod(string ns, string name) =>
        pods.Find(ns, name) ?? throw new RefusedException(StatusCodes.Status404NotFound, $"pod {ns}/{name} does not exist on this node");

    /// <summary>The id of the sandbox of a pod that runs.</summary>
    public string Sandbox(string ns, string name) =>
        pods.FindSandbox(Pod(ns, name).Metadata.Uid ?? "") ?? throw new RefusedException(StatusCodes.Status404NotFound, $"pod {ns}/{name} is not running");

    /// <summary>The id of a container that runs.</summary>
    public string Running(string ns, string pod, string container) =>
        Pod(ns, pod) is var found && Status(found, container) is { State.Running: not null, ContainerID: { } id } && pods.HasContainer(found.Metadata.Uid ?? "", container, Plain(id))
            ? Plain(id)
            : throw new RefusedException(StatusCodes.Status404NotFound, $"container not found (\"{container}\")");

    /// <summary>Whether the container with this id runs.</summary>
    public bool IsRunning(string ns, string pod, string container, string id) =>
        pods.Find(ns, pod) is { } found && Status(found, container) is { State.Running: not null } status && Plain(status.ContainerID) == id;

    /// <summary>The id of the container whose log is meant: the one that runs or ran last, or the one before.</summary>
    public string ForLogs(string ns, string pod, string container, bool previous)
    {
        var found = Pod(ns, pod);
        var status = Status(found, container) ?? throw Refused($"container \"{container}\" in pod \"{pod}\" is not available");
        var id = LoggedId(status, pod, container, previous);
        return pods.HasContainer(found.Metadata.Uid ?? "", container, id)
            ? id
            : throw new RefusedException(StatusCodes.Status404NotFound, $"the log of container {id} is gone with the container");
    }

    private static string LoggedId(ContainerStatus status, string pod, string container, bool previous)
    {
        var last = status.LastState?.Terminated?.ContainerID;
        if (previous)
        {
            return NotEmpty(last) ?? throw Refused($"previous terminated container \"{container}\" in pod \"{pod}\" not found");
        }

        if (status.State is { Running: not null })
        {
            return Plain(status.ContainerID);
        }

        // The newest start may have failed before there was a container.
        return NotEmpty(status.State?.Terminated?.ContainerID) ?? NotEmpty(last) ?? throw Refused(
            status.State?.Terminated is not null
                ? $"container \"{container}\" in pod \"{pod}\" is terminated"
                : $"container \"{container}\" in pod \"{pod}\" is waiting to start{Why(status.State?.Waiting?.Reason)}");
    }

    private static ContainerStatus? Status(Pod pod, string container) =>
        (pod.Status?.ContainerStatuses ?? [])
            .Concat(pod.Status?.InitContainerStatuses ?? [])
            .Concat(pod.Status?.EphemeralContainerStatuses ?? [])
            .FirstOrDefault(s => s.Name == container);

    private static string? NotEmpty(string? id) => string.IsNullOrEmpty(id) ? null : Plain(id);

    private static string Plain(string? id) =>
        id is not null && id.StartsWith(IdPrefix, StringComparison.Ordinal) ? id[IdPrefix.Length..] : id ?? "";

    private static string Why(string? reason) => reason switch
    {
        null or "" => " - no logs yet",
        "ErrImagePull" => ": image can't be pulled",
        "ImagePullBackOff" => ": trying and failing to pull image",
        _ => $": {reason}",
    };

    private static RefusedException Refused(string message) => new(StatusCodes.Status400BadRequest, message);
}
