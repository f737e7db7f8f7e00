using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealos.Node.Volumes;

namespace Sealos.Node.Exec;

/// <summary>The log files of this node: folders as lists, files as they are, and nothing outside of their folder.</summary>
internal sealed class NodeLogs(string root)
{
    public async Task HandleAsync(HttpContext context, string path)
    {
        if (context.Request.Query.ContainsKey("query"))
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "queries of the node's logs are not built; ask for a file");
        }

        var target = Find(path);
        if (Directory.Exists(target))
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(List(target), context.RequestAborted).ConfigureAwait(false);
            return;
        }

        // What is written meanwhile is for the next who asks.
        var file = new FileStream(target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using (file.ConfigureAwait(false))
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            var buffer = new byte[64 * 1024];
            for (var left = file.Length; left > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), context.RequestAborted).ConfigureAwait(false);
                if (read == 0)
                {
                    return;
                }

                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted).ConfigureAwait(false);
                left -= read;
            }
        }
    }

    // Links lead anywhere, so none is followed.
    private string Find(string path)
    {
        var current = root;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            current = Path.Combine(current, part);
            if (part is "." or ".." || part.Contains('\0') || new FileInfo(current).LinkTarget is not null)
            {
                throw NotFound();
            }
        }

        return Directory.Exists(current) || (File.Exists(current) && LinuxFiles.KindOf(current) == FileKind.File) ? current : throw NotFound();
    }

    private static string List(string folder)
    {
        var text = new StringBuilder("<pre>\n");
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            var name = entry.Name + (entry is DirectoryInfo ? "/" : "");
            text.Append("<a href=\"").Append(Uri.EscapeDataString(entry.Name)).Append(entry is DirectoryInfo ? "/" : "").Append("\">").Append(WebUtility.HtmlEncode(name)).Append("</a>\n");
        }

        return text.Append("</pre>\n").ToString();
    }

    private static RefusedException NotFound() => new(StatusCodes.Status404NotFound, "404 page not found");
}
