using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Fairness;

/// <summary>Which requests share a fate when there are too many.</summary>
/// <param name="usersNamespace">The namespace whose service accounts are a user each; null for none.</param>
internal sealed class Flows(string? usersNamespace)
{
    private const string NodesGroup = "system:nodes";
    private const string ComponentPrefix = "system:kube-";

    /// <summary>The flow a request belongs to; null for those that never wait: the system's own and questions about its health.</summary>
    public string? Of(UserInfo user, RequestInfo info)
    {
        if (user.IsMaster || user.Name.StartsWith(ComponentPrefix, StringComparison.Ordinal) || user.Groups.Contains(NodesGroup))
        {
            return null;
        }

        if (!info.IsResource && info.Path.Split('/') is ["", "healthz" or "livez" or "readyz", ..])
        {
            return null;
        }

        // The service accounts of a namespace work for one tenant, who can make as many of them as they like.
        return ServiceAccountUser.TryParse(user.Name, out var ns, out _) && ns != usersNamespace ? $"namespace {ns}" : $"user {user.Name}";
    }
}
