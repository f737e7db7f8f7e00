using System.CommandLine;
using System.Globalization;
using Sealos.Cli.Output;
using Sealos.Host.Backups;
using Sealos.Host.Configuration;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos restore</c>: a backup in the place of a stopped cloud's data, and back again.</summary>
internal sealed class RestoreCommand
{
    private readonly CommandContext _context;
    private readonly Argument<string?> _file = new("FILE") { Description = "The backup", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _undo = new("--undo") { Description = "Put back the data from before the last restore (again: the restored data)" };
    private readonly Option<bool> _check = new("--check") { Description = "Only check whether the backup is whole" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };
    private readonly Option<OutputFormat> _format = CommandContext.Format();

    private RestoreCommand(CommandContext context) => _context = context;

    public static Command Create(CommandContext context)
    {
        var restore = new RestoreCommand(context);
        var command = new Command("restore", "Put a backup in the place of the cloud's data; the cloud must be stopped (as root)\n\nThe backup is checked before anything is changed, and the data from before is kept for --undo.\n\nExamples:\n  sealos down && sealos restore /srv/backups/monday.sealos && sealos up\n  sealos restore --check /srv/backups/monday.sealos\n  sealos restore --undo")
        {
            restore._file, restore._undo, restore._check, restore._yes, restore._format,
        };
        command.SetAction(restore.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        CommandContext.RequireRoot("restore", BackupCommand.WhyRoot);
        var file = parsed.GetValue(_file);
        if (parsed.GetValue(_undo) == (file is not null))
        {
            throw new CliException(ExitCodes.Usage, "name either a backup to restore, or --undo");
        }

        if (file is not null && !File.Exists(file))
        {
            throw new CliException(ExitCodes.NotFound, $"there is no file {Path.GetFullPath(file)}");
        }

        return parsed.GetValue(_check) && file is not null
            ? await CheckAsync(parsed, Path.GetFullPath(file), ct).ConfigureAwait(false)
            : await ExchangeAsync(parsed, file is null ? null : Path.GetFullPath(file), ct).ConfigureAwait(false);
    }

    private async Task<int> CheckAsync(ParseResult parsed, string file, CancellationToken ct)
    {
        Print(parsed, await CloudRestore.CheckAsync(file, ct).ConfigureAwait(false), file, "The backup is whole");
        return ExitCodes.Ok;
    }

    private async Task<int> ExchangeAsync(ParseResult parsed, string? file, CancellationToken ct)
    {
        var cloud = Settings(parsed);
        var restore = new CloudRestore(cloud, _context.Time, _context.Terminal.Say);
        restore.ThrowIfRunning();
        if (!Confirm(parsed, cloud, file))
        {
            _context.Terminal.Say("Nothing was changed.");
            return ExitCodes.Failed;
        }

        if (file is null)
        {
            restore.Undo();
            _context.Terminal.Say("The data from before the restore is back. Start the cloud with 'sealos up'.");
            return ExitCodes.Ok;
        }

        Print(parsed, await restore.RestoreAsync(file, ct).ConfigureAwait(false), file, "Restored");
        _context.Terminal.Say("Start the cloud with 'sealos up'.");
        if (Directory.Exists(restore.KeptFolder))
        {
            _context.Terminal.Say($"The data from before is kept in {restore.KeptFolder}: 'sealos restore --undo' puts it back; delete it when all is well.");
        }

        return ExitCodes.Ok;
    }

    // Settings that cannot be read are one more thing that a restore heals.
    private CloudOptions Settings(ParseResult parsed)
    {
        try
        {
            return _context.Cloud(parsed);
        }
        catch (InvalidDataException)
        {
            return _context.DefaultCloud(parsed);
        }
    }

    private bool Confirm(ParseResult parsed, CloudOptions cloud, string? file)
    {
        if (parsed.GetValue(_yes) || !File.Exists(new CloudPaths(cloud).Store))
        {
            return true;
        }

        var answer = _context.Terminal.Ask($"This puts {file ?? "the data from before the last restore"} in the place of the data of the cloud '{cloud.Instance}'. Go on? [y/N]")
            ?? throw new CliException(ExitCodes.Usage, "nobody is there to confirm: use --yes to restore without asking");
        return answer.Trim() is "y" or "Y" or "yes";
    }

    private void Print(ParseResult parsed, BackupContent content, string file, string done)
    {
        if (parsed.GetValue(_format) is var format and not OutputFormat.Table)
        {
            _context.Terminal.Document(BackupCommand.ToDocument(content, file), format);
            return;
        }

        _context.Terminal.Line($"{done}: {file}, of the cloud '{content.Instance}' at {content.Created.ToString("u", CultureInfo.InvariantCulture)} (sealos {content.Program}).");
    }
}
