using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.Host.Backups;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos backup</c>: the whole cloud but the apps' own storage, in one file.</summary>
internal static class BackupCommand
{
    internal const string WhyRoot = "it reads and writes the cloud's secrets";

    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "Where to write the backup" };
        var force = new Option<bool>("--force") { Description = "Overwrite FILE when it exists" };
        var format = CommandContext.Format();
        var command = new Command("backup", "Write the cloud's objects, keys and settings into one file, while it runs (as root)\n\nThe file holds secrets: only root can read it. What apps wrote to their storage, loaded images and logs are not in it.\n\nExamples:\n  sealos backup /srv/backups/monday.sealos\n  sealos backup --force /srv/backups/latest.sealos") { file, force, format };
        command.SetAction(async (parsed, ct) =>
        {
            CommandContext.RequireRoot("backup", WhyRoot);
            var cloud = context.SavedCloud(parsed) ?? throw new CliException(ExitCodes.NotFound, $"there is no cloud in {context.DefaultCloud(parsed).DataFolder} to back up");
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            if (Directory.Exists(path) || (File.Exists(path) && !parsed.GetValue(force)))
            {
                throw new CliException(ExitCodes.Usage, Directory.Exists(path) ? $"{path} is a folder: name a file in it" : $"{path} exists: name another file, or overwrite it with --force");
            }

            var content = await new CloudBackup(cloud, context.Time, context.Terminal.Say).WriteAsync(path, ct).ConfigureAwait(false);
            Print(context, content, path, parsed.GetValue(format));
            return ExitCodes.Ok;
        });
        return command;
    }

    internal static JsonObject ToDocument(BackupContent content, string path) => new()
    {
        ["file"] = path,
        ["bytes"] = new FileInfo(path).Length,
        ["instance"] = content.Instance,
        ["program"] = content.Program,
        ["created"] = content.Created.ToString("O", CultureInfo.InvariantCulture),
        ["revision"] = content.Revision,
    };

    private static void Print(CommandContext context, BackupContent content, string path, OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            context.Terminal.Document(ToDocument(content, path), format);
            return;
        }

        context.Terminal.Line($"Backed up to {path} ({Ages.Size(new FileInfo(path).Length)}). It holds secrets: keep it where only you can read it.");
        context.Terminal.Say($"To put it back: 'sealos down', then 'sealos restore {path}'.");
    }
}
