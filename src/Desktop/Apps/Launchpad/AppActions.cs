using Sealos.ControllerKit.Client;
using Sealos.Desktop.Sessions;
using Sealos.Desktop.Shell;
using Sealos.OsServices.Apps;

namespace Sealos.Desktop.Apps.Launchpad;

/// <summary>What a person does to an app, with what came of it said in a toast.</summary>
internal sealed class AppActions(DesktopSession session, Toasts toasts)
{
    public Task RestartAsync(LiveApp app) => TryAsync(
        ct => session.Workspace.Launchpad.RestartAsync(session.WorkspaceName, app.View.Form.Name, ct), $"Restarting {app.View.Form.Name}, a few instances at a time");

    /// <summary>Asks for so many instances; false when that was refused.</summary>
    public Task<bool> ScaleAsync(LiveApp app, int replicas) => TryAsync(
        ct => session.Workspace.Launchpad.ScaleAsync(session.WorkspaceName, app.View.Form.Name, replicas, ct), replicas == 0 ? $"Stopping {app.View.Form.Name}" : $"{app.View.Form.Name}: {replicas} instance{(replicas == 1 ? "" : "s")}");

    /// <summary>Deletes an app; returns what is wrong, or null when it worked.</summary>
    public async Task<string?> DeleteAsync(LiveApp app)
    {
        var problem = await FailureOfAsync(ct => session.Workspace.Launchpad.DeleteAsync(session.WorkspaceName, app.View.Form.Name, ct)).ConfigureAwait(false);
        if (problem is null)
        {
            toasts.Say($"Deleted {app.View.Form.Name}");
        }

        return problem;
    }

    /// <summary>Runs something against the API; returns what went wrong in words, or null.</summary>
    public static async Task<string?> FailureOfAsync(Func<CancellationToken, Task> work)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await work(patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (ApiException e) when (e.Code == 401)
        {
            return "Your session has ended. Sign out and in again.";
        }
        catch (ApiException e) when (e.Code == 403 && e.Message.Contains(" cannot ", StringComparison.Ordinal))
        {
            return "Your role in this workspace lets you look, and change nothing. Its owner can give you another.";
        }
        catch (ApiException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return "The cloud does not answer at the moment. Try again shortly.";
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> work, string done)
    {
        if (await FailureOfAsync(work).ConfigureAwait(false) is { } problem)
        {
            toasts.Problem(problem);
            return false;
        }

        toasts.Say(done);
        return true;
    }
}
