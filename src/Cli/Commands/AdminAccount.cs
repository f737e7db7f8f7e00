using Sealos.ControllerKit.Client;
using Sealos.Host.Components;
using Sealos.Host.Configuration;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands;

/// <summary>The operator's user, as <c>up</c> makes it on a cloud's first start.</summary>
internal sealed class AdminAccount : IDisposable
{
    public const string UserName = UserDirectory.AdminName;

    private static readonly TimeSpan MakingLimit = TimeSpan.FromSeconds(60);

    private readonly KubeClient _client;
    private readonly UserDirectory _users;
    private readonly Task<NewPassword?> _prepared;

    private readonly bool _isMade;
    private readonly TimeProvider _time;

    private AdminAccount(KubeClient client, bool isMade, TimeProvider time, CancellationToken ct)
    {
        _client = client;
        _isMade = isMade;
        _time = time;
        _users = new UserDirectory(client);
        _prepared = Task.Run(() => _users.PrepareAdminAsync(ct), ct);
    }

    /// <summary>Begins to make the user, which needs the API alone, while the caller waits for the rest of the cloud.</summary>
    public static async Task<AdminAccount> BeginAsync(CloudOptions options, TimeProvider time, CancellationToken ct) =>
        new(new KubeClient(await KubeConfig.LoadAsync(new CloudPaths(options).AdminKubeConfig, ct).ConfigureAwait(false), "sealos-up"), options.HasAtFirst(ComponentCatalog.Users), time, ct);

    /// <summary>The password of a user that had none; it is returned once and kept nowhere but as a hash.</summary>
    public async Task<string?> FinishAsync(CancellationToken ct)
    {
        // Who is shown a password uses it at once.
        if (await _prepared.ConfigureAwait(false) is not null && _isMade && !await _users.IsReadyWithinAsync(UserName, MakingLimit, _time, ct).ConfigureAwait(false))
        {
            throw new CliException(ExitCodes.Timeout, $"the user '{UserName}' is not ready after {MakingLimit.TotalSeconds:0} s; 'kubectl get user {UserName} -o yaml' says why, and another 'sealos up' goes on");
        }

        return await _users.SetAdminPasswordAsync(await _prepared.ConfigureAwait(false), ct).ConfigureAwait(false);
    }

    public void Dispose() => _client.Dispose();
}
