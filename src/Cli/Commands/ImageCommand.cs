using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos image</c>: images on this machine.</summary>
internal static class ImageCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("image", "Images on this machine");
        command.Subcommands.Add(CreateLoad(context));
        command.Subcommands.Add(CreateList(context));
        return command;
    }

    private static Command CreateLoad(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "Archive in docker's or OCI's form, '-' for standard input" };
        var load = new Command("load", "Import an image archive (as root)\n\nExamples:\n  docker save app:1 | sealos image load -\n  sealos image load app.tar") { file };
        load.SetAction(async (parsed, ct) =>
        {
            CommandContext.RequireRoot("image load");
            var path = parsed.GetValue(file)!;
            await using var archive = Open(path);
            var names = await new CloudImages(context.Cloud(parsed), context.Time).LoadAsync(archive, ct).ConfigureAwait(false);
            foreach (var name in names)
            {
                context.Terminal.Line(name);
            }

            return ExitCodes.Ok;
        });
        return load;
    }

    private static Stream Open(string path)
    {
        try
        {
            return path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCodes.NotFound, $"FILE: {path} does not exist");
        }
    }

    private static Command CreateList(CommandContext context)
    {
        var format = CommandContext.Format();
        var list = new Command("list", "List images (as root)") { format };
        list.Aliases.Add("ls");
        list.SetAction(async (parsed, ct) =>
        {
            CommandContext.RequireRoot("image list");
            var images = await new CloudImages(context.Cloud(parsed), context.Time).ListAsync(ct).ConfigureAwait(false);
            if (parsed.GetValue(format) is var chosen and not OutputFormat.Table)
            {
                context.Terminal.Document(new JsonArray([.. images.Select(i => (JsonNode)new JsonObject { ["id"] = i.Id, ["names"] = new JsonArray([.. i.References.Select(r => (JsonNode)r)]), ["bytes"] = i.Size })]), chosen);
                return ExitCodes.Ok;
            }

            context.Terminal.Table(["IMAGE", "ID", "SIZE"], [.. images.SelectMany(i => i.References.DefaultIfEmpty("<none>").Select(r => new[] { r, i.Id.Replace("sha256:", "", StringComparison.Ordinal)[..12], Ages.Size(i.Size) }))]);
            return ExitCodes.Ok;
        });
        return list;
    }
}
