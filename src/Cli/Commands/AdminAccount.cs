using Sealos.ControllerKit.Client;
using Sealos.Host.Configuration;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands;

/// <summary>The operator's user, as <c>up</c> makes it on a cloud's first start.</summary>
internal sealed class AdminAccount : IDisposable
{
    public const string UserName = UserDirectory.AdminName;

    private readonly KubeClient _client;
    private readonly UserDirectory _users;
    private readonly Task<NewPassword?> _prepared;

    private AdminAccount(KubeClient client, CancellationToken ct)
    {
        _client = client;
        _users = new UserDirectory(client);
        _prepared = Task.Run(() => _users.PrepareAdminAsync(ct), ct);
    }

    /// <summary>Begins to make the user, which needs the API alone, while the caller waits for the rest of the cloud.</summary>
    public static async Task<AdminAccount> BeginAsync(CloudOptions options, CancellationToken ct) =>
        new(new KubeClient(await KubeConfig.LoadAsync(new CloudPaths(options).AdminKubeConfig, ct).ConfigureAwait(false), "sealos-up"), ct);

    /// <summary>The password of a user that had none; it is returned once and kept nowhere but as a hash.</summary>
    public async Task<string?> FinishAsync(CancellationToken ct) => await _users.SetAdminPasswordAsync(await _prepared.ConfigureAwait(false), ct).ConfigureAwait(false);

    public void Dispose() => _client.Dispose();
}
