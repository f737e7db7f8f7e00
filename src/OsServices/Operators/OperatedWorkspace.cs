using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.Operators;

/// <summary>The namespace of a workspace that an operator acts on.</summary>
internal static class OperatedWorkspace
{
    private const int ShortestReason = 3;
    private const int LongestReason = 200;

    /// <summary>The namespace, by the workspace's id or its own name; never the operator's own workspace, which nothing limits.</summary>
    public static async Task<Namespace> FindAsync(KubeClient client, string workspace, CancellationToken ct)
    {
        var id = WorkspaceRules.IdOf(workspace);
        if (id == UserDirectory.AdminName)
        {
            throw ServiceException.Conflict("The operator's own workspace has no limits and cannot be suspended.");
        }

        var ns = await client.FindAsync<Namespace>(null, UsersObjects.WorkspaceOf(id), ct).ConfigureAwait(false);
        return ns?.Metadata.Labels?.ContainsKey(UserKeys.Owner) == true ? ns : throw ServiceException.NotFound($"There is no workspace '{id}'.");
    }

    /// <summary>Writes annotations, unless the namespace has changed since it was read.</summary>
    public static Task<Namespace> AnnotateAsync(KubeClient client, Namespace ns, JsonObject annotations, CancellationToken ct)
    {
        var metadata = new JsonObject { ["resourceVersion"] = ns.Metadata.ResourceVersion, ["annotations"] = annotations };
        return client.PatchAsync<Namespace>(null, ns.Metadata.Name!, new JsonObject { ["metadata"] = metadata }, null, ct);
    }

    /// <summary>A reason as typed: others read it.</summary>
    public static string ReasonOf(string? text)
    {
        var reason = text?.Trim() ?? "";
        return reason.Length is >= ShortestReason and <= LongestReason && WorkspaceRules.IsReadable(reason)
            ? reason
            : throw ServiceException.Invalid("reason", $"Say why in {ShortestReason} to {LongestReason} characters on one line; whom it concerns reads it.");
    }
}
