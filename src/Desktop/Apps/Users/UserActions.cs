using Sealos.Desktop.Apps.Launchpad;
using Sealos.Desktop.Sessions;
using Sealos.Desktop.Shell;
using Sealos.OsServices.Users;

namespace Sealos.Desktop.Apps.Users;

/// <summary>What an operator does to users, with the operator's own credential and with what came of it said in a toast.</summary>
internal sealed class UserActions(DesktopSession session, Toasts toasts)
{
    private UserAccounts Accounts => new(session.Home.Client);

    /// <summary>Users as the Kubernetes API keeps them.</summary>
    public UserDirectory Directory => new(session.Home.Client);

    /// <summary>Runs something; returns what went wrong in words, or null.</summary>
    public Task<string?> FailureOfAsync(Func<UserAccounts, CancellationToken, Task> work) => AppActions.FailureOfAsync(ct => work(Accounts, ct));

    /// <summary>Does something and says how it went; true when it was done.</summary>
    public async Task<bool> TryAsync(Func<UserAccounts, CancellationToken, Task> work, string done)
    {
        var problem = await FailureOfAsync(work).ConfigureAwait(false);
        if (problem is null)
        {
            toasts.Say(done);
        }
        else
        {
            toasts.Problem(problem);
        }

        return problem is null;
    }
}
