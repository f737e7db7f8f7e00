using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>Paths of the machine itself, checked or made as their type says.</summary>
internal static class HostPaths
{
    private const UnixFileMode FolderMode = (UnixFileMode)0b111_101_101;
    private const UnixFileMode FileMode = (UnixFileMode)0b110_100_100;

    /// <summary>The path, once it is what it should be.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static string SetUp(HostPathVolumeSource source)
    {
        var path = source.Path ?? "";
        if (!path.StartsWith('/') || path.Split('/').Contains(".."))
        {
            throw new InvalidDataException($"hostPath \"{path}\" must be an absolute path without \"..\"");
        }

        var kind = LinuxFiles.KindOf(path);
        switch (source.Type ?? "")
        {
            case "":
                // The runtime makes a folder of what is missing.
                break;
            case "DirectoryOrCreate":
                if (kind == FileKind.Missing)
                {
                    Directory.CreateDirectory(path);
                    File.SetUnixFileMode(path, FolderMode);
                    break;
                }

                Require(path, kind, FileKind.Directory, "a directory");
                break;
            case "FileOrCreate":
                if (kind == FileKind.Missing)
                {
                    File.WriteAllBytes(path, []);
                    File.SetUnixFileMode(path, FileMode);
                    break;
                }

                Require(path, kind, FileKind.File, "a file");
                break;
            case "Directory":
                Require(path, kind, FileKind.Directory, "a directory");
                break;
            case "File":
                Require(path, kind, FileKind.File, "a file");
                break;
            case "Socket":
                Require(path, kind, FileKind.Socket, "a socket file");
                break;
            case "CharDevice":
                Require(path, kind, FileKind.CharacterDevice, "a character device");
                break;
            case "BlockDevice":
                Require(path, kind, FileKind.BlockDevice, "a block device");
                break;
            case var other:
                throw new InvalidDataException($"hostPath type \"{other}\" is not known");
        }

        return path;
    }

    private static void Require(string path, FileKind found, FileKind wanted, string name)
    {
        if (found != wanted)
        {
            throw new InvalidDataException($"hostPath type check failed: {path} is not {name}");
        }
    }
}
