using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>Asks the machine's own resolvers, each in turn. What is not answered in time is not proven.</summary>
internal sealed class DnsHostProof(Func<IReadOnlyList<IPEndPoint>> servers, TimeProvider time) : IHostProof, IDisposable
{
    private const int LargestAnswer = 4096;
    private const int QuestionsAtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Whoever asks for many domains waits; nobody else's questions do for long.
    private readonly SemaphoreSlim _questions = new(QuestionsAtOnce);

    public Task<IReadOnlyList<string>> TextsAsync(string name, CancellationToken ct) => AskAsync(name, DnsMessage.Txt, ct);

    public async Task<string?> AliasAsync(string name, CancellationToken ct) => (await AskAsync(name, DnsMessage.Cname, ct).ConfigureAwait(false)).FirstOrDefault();

    public void Dispose() => _questions.Dispose();

    /// <summary>The resolvers that the machine's own programs use.</summary>
    public static IReadOnlyList<IPEndPoint> OfMachine()
    {
        const int Port = 53;
        try
        {
            return [.. File.ReadLines("/etc/resolv.conf").Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w is ["nameserver", _, ..] && IPAddress.TryParse(w[1], out _)).Select(w => new IPEndPoint(IPAddress.Parse(w[1]), Port)).Take(2)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<string>> AskAsync(string name, ushort type, CancellationToken ct)
    {
        await _questions.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            foreach (var server in servers())
            {
                if (await AskAsync(server, DnsMessage.Ask((ushort)RandomNumberGenerator.GetInt32(1 << 16), name, type), ct).ConfigureAwait(false) is { } values)
                {
                    return values;
                }
            }

            return [];
        }
        finally
        {
            _questions.Release();
        }
    }

    // A socket for each question, so that an answer must hit its port as well as its number.
    private async Task<IReadOnlyList<string>?> AskAsync(IPEndPoint server, byte[] question, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var buffer = new byte[LargestAnswer];
        try
        {
            await socket.ConnectAsync(server, either.Token).ConfigureAwait(false);
            await socket.SendAsync(question, either.Token).ConfigureAwait(false);
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, either.Token).ConfigureAwait(false);
                if (DnsMessage.Read(buffer.AsSpan(0, length), question) is { } values)
                {
                    return values;
                }
            }
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }
}
