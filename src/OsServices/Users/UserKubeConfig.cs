using System.Text;

namespace Sealos.OsServices.Users;

/// <summary>The text of a user's kubeconfig, with Sealos's names in it. Pure.</summary>
internal static class UserKubeConfig
{
    /// <summary>The file with <paramref name="token"/> in it, or, without one, all but the credential.</summary>
    public static string Text(UsersOptions options, string user, string? token)
    {
        var text = new StringBuilder();
        text.Append("apiVersion: v1\nkind: Config\nclusters:\n- name: sealos\n  cluster:\n");
        text.Append("    server: ").Append(options.Server.ToString().TrimEnd('/')).Append('\n');
        if (options.CertificateAuthorityPem is { } pem)
        {
            text.Append("    certificate-authority-data: ").Append(Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))).Append('\n');
        }

        text.Append("contexts:\n- name: ").Append(user).Append("@sealos\n  context:\n    cluster: sealos\n    user: ").Append(user);
        text.Append("\n    namespace: ").Append(UsersObjects.WorkspaceOf(user)).Append("\ncurrent-context: ").Append(user).Append("@sealos\nusers:\n- name: ").Append(user).Append("\n  user:");
        return text.Append(token is null ? " {}\n" : $"\n    token: {token}\n").ToString();
    }
}
