using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.Host.Backups;
using Sealos.Host.Components;
using Sealos.Host.Configuration;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos up</c>: from nothing, or from whatever state it is in, to a running cloud.</summary>
internal sealed class UpCommand
{
    private const string ApiServer = "api-server";

    private readonly CommandContext _context;
    private readonly CloudFlags _flags = new();
    private readonly Option<bool> _noInstall = new("--no-install") { Description = "Install nothing: list what is missing and stop" };
    private readonly Option<int> _timeout = new("--timeout") { Description = "Seconds to wait until everything runs", DefaultValueFactory = _ => 180, HelpName = "SECONDS" };
    private readonly Option<OutputFormat> _format = CommandContext.Format();

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private long _started;

    private UpCommand(CommandContext context) => _context = context;

    public static Command Create(CommandContext context)
    {
        var up = new UpCommand(context);
        var command = new Command("up", "Start the cloud on this machine, installing what it needs (as root)\n\nIt may be run at any time: it changes only what differs, and containers go on running.\n\nExamples:\n  sealos up\n  sealos up --domain cloud.example.com\n  sealos up --without metrics,launchpad\n  sealos up --instance test --http-port 8080 --https-port 8443 --api-port 7443 --kubelet-port 11250");
        up._flags.AddTo(command);
        command.Options.Add(up._noInstall);
        command.Options.Add(up._timeout);
        command.Options.Add(up._format);
        command.SetAction(up.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        CommandContext.RequireRoot("up");
        CloudRestore.ThrowIfHalfDone(_context.DefaultCloud(parsed));
        var saved = _context.SavedCloud(parsed);
        var options = _flags.Apply(parsed, saved ?? _context.DefaultCloud(parsed));
        if (options.Validate() is { Count: > 0 } errors)
        {
            throw new CliException(ExitCodes.Usage, string.Join("\nerror: ", errors));
        }

        if (saved is not null && (saved.With, saved.Without, saved.KernelOnly) != (options.With, options.Without, options.KernelOnly))
        {
            throw new CliException(ExitCodes.Usage, "--with, --without and --kernel-only say what a new cloud has, and this one exists; use 'sealos component add' and 'sealos component remove'");
        }

        var launcher = new CloudLauncher(options, _context.Time);
        if (saved == options && launcher.IsCurrent && CloudState.Read(options, _context.Time) is { IsRunning: true, IsHealthy: true })
        {
            _context.Terminal.Say("The cloud is already running; nothing has changed.");
            Print(parsed, options, null);
            return ExitCodes.Ok;
        }

        await InstallAsync(parsed, options, ct).ConfigureAwait(false);
        if (saved is null && options.HasAtFirst(ComponentCatalog.Gvisor) && await CloudGvisor.VerifyAsync(options, ct).ConfigureAwait(false) is { } found)
        {
            _context.Terminal.Say($"gVisor works on this machine: {found}");
        }

        launcher.CheckPorts();
        launcher.CheckFolders();
        if (launcher.InstallProgram())
        {
            _context.Terminal.Say("Installed the program.");
        }

        options.Save();
        await launcher.StartAsync(ct).ConfigureAwait(false);
        _started = _context.Time.GetTimestamp();
        var deadline = TimeSpan.FromSeconds(parsed.GetValue(_timeout));
        await WaitAsync(options, state => state.Components.Any(c => c is { Name: ApiServer, State: "running" }), deadline, ct).ConfigureAwait(false);
        if (options.KernelOnly)
        {
            await WaitAsync(options, state => state.IsHealthy, deadline, ct).ConfigureAwait(false);
            Print(parsed, options, null);
            return ExitCodes.Ok;
        }

        using var account = await AdminAccount.BeginAsync(options, _context.Time, ct).ConfigureAwait(false);
        await WaitAsync(options, state => state.IsHealthy, deadline, ct).ConfigureAwait(false);
        Print(parsed, options, await account.FinishAsync(ct).ConfigureAwait(false));
        return ExitCodes.Ok;
    }

    private async Task InstallAsync(ParseResult parsed, CloudOptions options, CancellationToken ct)
    {
        var missing = SystemPackages.Missing(options.Volumes);
        if (missing.Count == 0)
        {
            return;
        }

        if (parsed.GetValue(_noInstall))
        {
            throw new CliException(ExitCodes.Failed, $"these Debian packages are missing: {string.Join(' ', missing)}\nInstall them with: apt-get install --no-install-recommends {string.Join(' ', missing)}");
        }

        _context.Terminal.Say($"Installing from Debian: {string.Join(' ', missing)}");
        await SystemPackages.InstallAsync(missing, line => _context.Terminal.Say("  " + line), ct).ConfigureAwait(false);
    }

    private async Task WaitAsync(CloudOptions options, Func<CloudState, bool> isEnough, TimeSpan timeout, CancellationToken ct)
    {
        while (true)
        {
            var state = CloudState.Read(options, _context.Time);
            var elapsed = _context.Time.GetElapsedTime(_started);
            foreach (var component in state.Components.Where(c => c.State == "running" && _told.Add($"{c.Process}/{c.Name}")))
            {
                _context.Terminal.Say($"  {component.Name,-20} running after {elapsed.TotalSeconds:0.0} s");
            }

            if (state.IsRunning && isEnough(state))
            {
                return;
            }

            if (state.Components.FirstOrDefault(c => c.State == "failed") is { } failed)
            {
                throw new CliException(ExitCodes.Failed, $"{failed.Name} failed: {failed.Message}\nMore is in {new CloudPaths(options).ServerLog} and {new CloudPaths(options).EdgeLog}");
            }

            if (!state.IsRunning && elapsed > TimeSpan.FromSeconds(2))
            {
                throw new CliException(ExitCodes.Failed, $"the server ended while starting; the last lines of {new CloudPaths(options).ServerLog}:\n{CloudLauncher.LastLines(new CloudPaths(options).ServerLog, 15)}");
            }

            if (elapsed > timeout)
            {
                var waiting = state.Components.Where(c => c.State != "running").Select(c => $"{c.Name} ({c.State})");
                throw new CliException(ExitCodes.Timeout, $"not everything runs after {timeout.TotalSeconds:0} s: {string.Join(", ", waiting)}; see {new CloudPaths(options).ServerLog}");
            }

            await Task.Delay(20, ct).ConfigureAwait(false);
        }
    }

    private void Print(ParseResult parsed, CloudOptions options, string? password)
    {
        var paths = new CloudPaths(options);
        if (options.KernelOnly)
        {
            PrintKernel(parsed, paths.AdminKubeConfig);
            return;
        }

        if (parsed.GetValue(_format) is var format and not OutputFormat.Table)
        {
            _context.Terminal.Document(new JsonObject { ["console"] = options.ConsoleUrl, ["user"] = AdminAccount.UserName, ["password"] = password, ["kubeconfig"] = paths.AdminKubeConfig }, format);
            return;
        }

        _context.Terminal.Line("");
        _context.Terminal.Line($"Console      {options.ConsoleUrl}");
        _context.Terminal.Line($"Name         {AdminAccount.UserName}");
        _context.Terminal.Line($"Password     {password ?? "as set before (another one: sealos admin reset-password)"}");
        if (password is not null)
        {
            _context.Terminal.Line("             It is shown this once and stored only as a hash.");
        }

        _context.Terminal.Line($"Kubeconfig   {paths.AdminKubeConfig}");
        if (options.Domain.EndsWith(".localhost", StringComparison.Ordinal) && Environment.GetEnvironmentVariable("SSH_CONNECTION") is { Length: > 0 })
        {
            _context.Terminal.Say($"\n{options.Domain} opens only on this machine itself. To reach the cloud from elsewhere, point a domain and *.domain at this machine and run: sealos up --domain DOMAIN");
        }
    }

    private void PrintKernel(ParseResult parsed, string kubeConfig)
    {
        if (parsed.GetValue(_format) is var format and not OutputFormat.Table)
        {
            _context.Terminal.Document(new JsonObject { ["kubeconfig"] = kubeConfig }, format);
            return;
        }

        _context.Terminal.Line($"\nKubeconfig   {kubeConfig}");
    }
}
