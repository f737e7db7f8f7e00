using System.Text.Json;

namespace Sealos.Cli.Contexts;

/// <summary>The file of a person's contexts: it holds credentials, so nobody else may read it.</summary>
internal sealed class ContextFile(string path)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The file of whoever runs the program.</summary>
    public static ContextFile OfThisPerson()
    {
        var config = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return new ContextFile(Path.Combine(config, "sealos", "config.json"));
    }

    /// <summary>What is kept; nothing when there is no file.</summary>
    public CloudContexts Load()
    {
        try
        {
            return JsonSerializer.Deserialize<CloudContexts>(File.ReadAllText(path), Json) ?? new CloudContexts();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new CloudContexts();
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCodes.Failed, $"{path} cannot be read ({e.Message}): mend it, or remove it and sign in again with 'sealos login'");
        }
    }

    /// <summary>Keeps contexts; a reader sees the old file or the new one, whole.</summary>
    public void Save(CloudContexts contexts)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, PrivateFolder);
        var next = $"{path}.{Environment.ProcessId}";
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private }))
        {
            JsonSerializer.Serialize(file, contexts, Json);
        }

        File.Move(next, path, overwrite: true);
    }
}
