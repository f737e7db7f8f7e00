using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sealos.Node.Exec;

/// <summary>A connection to containerd's streaming server that has switched to another protocol.</summary>
internal sealed class RuntimeStream : IAsyncDisposable
{
    private const int LongestHead = 16 * 1024;

    private readonly Socket _socket;

    private RuntimeStream(Socket socket, IReadOnlyDictionary<string, string> headers)
    {
        _socket = socket;
        Headers = headers;
        Stream = new NetworkStream(socket, ownsSocket: false);
    }

    /// <summary>The headers with which containerd agreed.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The bytes of the new protocol.</summary>
    public Stream Stream { get; }

    /// <summary>Connects and asks for the switch.</summary>
    /// <exception cref="RefusedException">containerd did not agree.</exception>
    public static async Task<RuntimeStream> OpenAsync(Uri url, string method, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(url.Host), url.Port), ct).ConfigureAwait(false);
            var request = new StringBuilder($"{method} {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Length: 0\r\n");
            foreach (var (name, value) in headers)
            {
                request.Append(name).Append(": ").Append(value).Append("\r\n");
            }

            await socket.SendAsync(Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()), ct).ConfigureAwait(false);
            return new RuntimeStream(socket, ParseHead(await ReadHeadAsync(socket, ct).ConfigureAwait(false)));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new RefusedException(StatusCodes.Status502BadGateway, $"the container runtime's streaming server cannot be reached: {e.Message}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Tells containerd that nothing more comes from this side.</summary>
    public void CloseOutput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is closed already.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    // Byte by byte: what follows the head belongs to the new protocol.
    private static async Task<string> ReadHeadAsync(Socket socket, CancellationToken ct)
    {
        var head = new byte[LongestHead];
        for (var length = 0; length < head.Length; length++)
        {
            if (await socket.ReceiveAsync(head.AsMemory(length, 1), ct).ConfigureAwait(false) == 0)
            {
                break;
            }

            if (head[length] == '\n' && head.AsSpan(0, length + 1).EndsWith("\r\n\r\n"u8))
            {
                return Encoding.ASCII.GetString(head, 0, length + 1);
            }
        }

        throw new RefusedException(StatusCodes.Status502BadGateway, "the container runtime's streaming server gave no answer");
    }

    private static Dictionary<string, string> ParseHead(string head)
    {
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var status = lines[0].Split(' ', 3);
        if (status.Length < 2 || status[1] != "101")
        {
            // Its 4xx is about what the caller asked for, such as a subprotocol that nobody speaks.
            _ = int.TryParse(status.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out var code);
            throw new RefusedException(code is >= 400 and < 500 ? code : StatusCodes.Status502BadGateway, $"the container runtime's streaming server refused: {string.Join(' ', status.Skip(1))}");
        }

        return lines.Skip(1).Select(l => l.Split(':', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => string.Join(", ", g.Select(p => p[1].Trim())), StringComparer.OrdinalIgnoreCase);
    }
}
