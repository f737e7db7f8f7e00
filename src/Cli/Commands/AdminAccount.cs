using Sealos.ControllerKit.Client;
using Sealos.Host.Configuration;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands;

/// <summary>The operator's user, as <c>up</c> makes it on a cloud's first start.</summary>
internal static class AdminAccount
{
    public const string UserName = UserDirectory.AdminName;

    /// <summary>Makes the user unless it is there; the password is returned once and kept nowhere but as a hash.</summary>
    public static async Task<string?> EnsureAsync(CloudOptions options, CancellationToken ct)
    {
        using var client = new KubeClient(await KubeConfig.LoadAsync(new CloudPaths(options).AdminKubeConfig, ct).ConfigureAwait(false), "sealos-up");
        return await new UserDirectory(client).EnsureAdminAsync(ct).ConfigureAwait(false);
    }
}
