using System.Text.RegularExpressions;

namespace Sealos.Node.Pods.Config;

/// <summary>An image's name as people write it. Pure.</summary>
/// <param name="Text">The reference with a tag or digest.</param>
/// <param name="Registry">Host and port it is pulled from.</param>
/// <param name="Repository">Path in the registry.</param>
internal sealed partial record ImageReference(string Text, string Registry, string Repository)
{
    private const string DockerHub = "docker.io";

    /// <summary>Reads a reference; null when it is none.</summary>
    public static ImageReference? TryParse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success || match.Groups["path"].Length > 255)
        {
            return null;
        }

        var path = match.Groups["path"].Value;
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : path[..slash];
        var hasRegistry = first.Contains('.') || first.Contains(':') || first == "localhost";
        if (!PathPattern().IsMatch(hasRegistry ? path[(slash + 1)..] : path))
        {
            return null;
        }

        var hasVersion = match.Groups["tag"].Success || match.Groups["digest"].Success;
        return new ImageReference(
            hasVersion ? text : text + ":latest",
            hasRegistry ? first : DockerHub,
            hasRegistry ? path[(slash + 1)..] : slash < 0 ? "library/" + path : path);
    }

    [GeneratedRegex(@"^(?<path>[A-Za-z0-9](?:[A-Za-z0-9._/-]|:[0-9]+(?=/))*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[a-z0-9+._-]+:[0-9a-fA-F]{32,}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$", RegexOptions.CultureInvariant)]
    private static partial Regex PathPattern();
}
