using System.CommandLine;
using Sealos.OsServices.Apps;

namespace Sealos.Cli.Commands.App;

/// <summary>The <c>--wait</c> option: stay until the app is as wanted, and say why when it does not get there.</summary>
internal sealed class AppWait
{
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until every instance is ready" };
    private readonly Option<int> _timeout = new("--timeout") { Description = "Seconds to wait", DefaultValueFactory = _ => 120, HelpName = "SECONDS" };

    public void AddTo(Command command)
    {
        command.Options.Add(_wait);
        command.Options.Add(_timeout);
    }

    public bool IsWanted(ParseResult parsed) => parsed.GetValue(_wait);

    public async Task<AppView> UntilReadyAsync(CommandContext context, AppLaunchpad launchpad, AppView app, ParseResult parsed, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(parsed.GetValue(_timeout)));
        var told = "";
        try
        {
            await foreach (var (view, reason) in launchpad.FollowAsync(app.Namespace, app.Form.Name, limit.Token).ConfigureAwait(false))
            {
                if (view.State is AppState.Running or AppState.Stopped)
                {
                    return view with { Form = view.Form with { Ports = view.Form.Ports.Count == 0 ? app.Form.Ports : view.Form.Ports } };
                }

                if (reason.Length > 0 && reason != told)
                {
                    context.Terminal.Say(told = reason);
                }

                if (view.State == AppState.Failing)
                {
                    throw new CliException(ExitCodes.Failed, $"app '{app.Form.Name}' is failing: {(view.Message.Length > 0 ? view.Message : reason)}");
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new CliException(ExitCodes.Timeout, $"app '{app.Form.Name}' is not ready after {parsed.GetValue(_timeout)} s{(told.Length > 0 ? ": " + told : "")}; it was made and keeps trying ('sealos app get {app.Form.Name}', 'sealos app logs {app.Form.Name}')");
        }

        throw new CliException(ExitCodes.NotFound, $"app '{app.Form.Name}' was deleted meanwhile");
    }
}
