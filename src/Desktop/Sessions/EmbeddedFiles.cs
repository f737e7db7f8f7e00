using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// Styles, scripts and fonts, from the program itself. Their addresses carry a hash of what they hold, so that browsers keep
/// them for ever and still never show an old one.
/// </summary>
internal sealed class EmbeddedFiles(RequestDelegate next)
{
    private const string Prefix = "Sealos.Desktop.wwwroot.";
    private static readonly Assembly Source = typeof(EmbeddedFiles).Assembly;
    private static readonly FileExtensionContentTypeProvider Types = new();
    private static readonly FrozenDictionary<string, (string Resource, string Hash)> Files = Source.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(n => n[Prefix.Length..], n => (n, HashOf(n)), StringComparer.Ordinal);

    /// <summary>The address of a file, such as <c>/files/desktop.css?v=1f2e3d</c>.</summary>
    public static string Url(string name) => $"/files/{name}?v={Files[name].Hash}";

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/files", out var rest))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        var name = rest.Value!.TrimStart('/').Replace('/', '.');
        if (!HttpMethods.IsGet(context.Request.Method) || !Files.TryGetValue(name, out var file) || !Types.TryGetContentType(name, out var type))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await using var content = Source.GetManifestResourceStream(file.Resource)!;
        // Fonts are named by styles, which know no hash; a font never changes under its name.
        var isCurrent = context.Request.Query["v"] == file.Hash || name.StartsWith("fonts.", StringComparison.Ordinal);
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = isCurrent ? "public, max-age=31536000, immutable" : "no-cache";
        await content.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private static string HashOf(string resource)
    {
        using var content = Source.GetManifestResourceStream(resource)!;
        return Convert.ToHexStringLower(SHA256.HashData(content))[..12];
    }
}
