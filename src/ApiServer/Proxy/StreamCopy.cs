using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Proxy;

/// <summary>Passes an answer's body on as it comes, so that a followed log is seen line by line.</summary>
internal static class StreamCopy
{
    private const int BufferSize = 32 * 1024;

    public static async Task CopyAsync(HttpResponseMessage from, HttpResponse to, CancellationToken cancellationToken)
    {
        await to.StartAsync(cancellationToken).ConfigureAwait(false);
        var writer = to.BodyWriter;
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        var source = await from.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            while (true)
            {
                var read = await source.ReadAsync(writer.GetMemory(BufferSize), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return;
                }

                writer.Advance(read);
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
