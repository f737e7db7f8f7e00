using System.Text;
using Sealos.Node.Pods.Config;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

/// <summary>The last words of a container: from the file it may write, or the end of its log when it failed without a word.</summary>
internal static class TerminationMessages
{
    private const int MaxBytes = 4096;
    private const int MaxLogBytes = 2048;
    private const int MaxLogLines = 80;

    /// <summary>The message of a container that has ended; empty when it left none.</summary>
    /// <param name="status">The container.</param>
    /// <param name="podsRoot">Only files that we made are read: a volume of the pod could hold a link to anything on the machine.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<string> ReadAsync(V1.ContainerStatus status, string podsRoot, CancellationToken ct)
    {
        var path = status.Annotations.TryGetValue(Keys.TerminationMessagePath, out var at) ? at : ContainerConfigBuilder.DefaultTerminationMessagePath;
        var own = PodDirectories.TerminationMessages(podsRoot, Label(status, Keys.PodUid), Label(status, Keys.ContainerName)) + "/";
        var file = status.Mounts.FirstOrDefault(m => m.ContainerPath == path && m.HostPath.StartsWith(own, StringComparison.Ordinal))?.HostPath;
        var text = file is null ? "" : Decode(await ReadAsync(file, MaxBytes, fromEnd: false, ct).ConfigureAwait(false));
        var wantsLog = text.Length == 0 && status.ExitCode != 0
            && status.Annotations.TryGetValue(Keys.TerminationMessagePolicy, out var policy) && policy == "FallbackToLogsOnError";
        return wantsLog ? Tail(Decode(await ReadAsync(status.LogPath, 4 * MaxLogBytes, fromEnd: true, ct).ConfigureAwait(false))) : text;
    }

    /// <summary>The contents of the last lines of a log in CRI's format.</summary>
    internal static string Tail(string log)
    {
        var text = new StringBuilder();
        foreach (var line in log.Split('\n').Where(l => l.Length > 0).TakeLast(MaxLogLines))
        {
            var parts = line.Split(' ', 4);
            if (parts.Length == 4 && parts[2] is "F" or "P")
            {
                text.Append(parts[3]);
                text.Append(parts[2] == "F" ? "\n" : "");
            }
        }

        return text.Length <= MaxLogBytes ? text.ToString() : text.ToString(text.Length - MaxLogBytes, MaxLogBytes);
    }

    private static string Label(V1.ContainerStatus status, string key) => status.Labels.TryGetValue(key, out var value) ? value : "";

    private static string Decode(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static async Task<byte[]> ReadAsync(string path, int limit, bool fromEnd, CancellationToken ct)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (fromEnd && stream.Length > limit)
            {
                stream.Seek(-limit, SeekOrigin.End);
            }

            var buffer = new byte[limit];
            var read = await stream.ReadAtLeastAsync(buffer, limit, throwOnEndOfStream: false, ct).ConfigureAwait(false);
            return buffer[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
