namespace Sealos.ApiServer.Authorization;

/// <summary>
/// A group that may list and watch the Secrets which are certificates, and only when it asks for nothing else. RBAC has no
/// word for that: its narrowest right to follow Secrets is to read all of them.
/// </summary>
internal sealed class CertificateReaders(string? group)
{
    private const string CertificateType = "kubernetes.io/tls";

    public bool Allow(AuthorizationAttributes attributes) =>
        group is not null
        && attributes is { Group: "", Resource: "secrets", Subresource: null, Verb: "list" or "watch" }
        && attributes.Fields.RequiredValue("type") == CertificateType
        && attributes.User.Groups.Contains(group);
}
