using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealos.ControllerKit.Client;
using Sealos.Node.Exec;

namespace Sealos.Node.Access;

/// <summary>
/// Lets callers of the node's HTTPS server in: by a client certificate of the cluster's authority or by a bearer token, and only for
/// what the API's rules allow them with the node. The API server itself need not be asked about itself.
/// </summary>
internal sealed class Gate(ClientCertificates clients, IReviews reviews, TimeProvider time) : IDisposable
{
    private const int MostRemembered = 1000;
    private const int MostTokenLength = 16 * 1024;
    private const int MostReviews = 16;
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan Yes = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan No = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Stranger = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TimedCache<string, Caller?> _callers = new(MostRemembered, time);
    private readonly TimedCache<(string Caller, string Verb, string Subresource), bool> _rights = new(MostRemembered, time);

    // Whoever knows no token cannot keep the API busy with guesses.
    private readonly SemaphoreSlim _reviews = new(MostReviews);

    /// <summary>Returns when the caller may have what it asks for.</summary>
    /// <exception cref="RefusedException">It may not.</exception>
    public async Task EnterAsync(HttpContext context)
    {
        var caller = await IdentifyAsync(context).ConfigureAwait(false) ?? throw new RefusedException(StatusCodes.Status401Unauthorized, "Unauthorized");
        if (caller.IsTrusted)
        {
            return;
        }

        var wish = Wishes.Of(context.Request.Method, context.Request.Path);
        foreach (var subresource in wish.Subresources)
        {
            if (await MayAsync(caller, wish.Verb, subresource, context.RequestAborted).ConfigureAwait(false))
            {
                return;
            }
        }

        throw new RefusedException(StatusCodes.Status403Forbidden, $"Forbidden (user={caller.Name}, verb={wish.Verb}, resource=nodes, subresource(s)=[{string.Join(' ', wish.Subresources)}])");
    }

    /// <inheritdoc/>
    public void Dispose() => _reviews.Dispose();

    private async Task<Caller?> IdentifyAsync(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate && clients.Identify(certificate) is { } known)
        {
            return known;
        }

        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length is <= 7 or > MostTokenLength)
        {
            return null;
        }

        var token = header[Scheme.Length..].Trim();
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (!_callers.TryGet(key, out var caller))
        {
            caller = await AskAsync(ct => reviews.FindAsync(token, ct), context.RequestAborted).ConfigureAwait(false);
            _callers.Set(key, caller, caller is null ? Stranger : Yes);
        }

        return caller;
    }

    private async Task<bool> MayAsync(Caller caller, string verb, string subresource, CancellationToken ct)
    {
        var key = (Describe(caller), verb, subresource);
        if (!_rights.TryGet(key, out var may))
        {
            may = await AskAsync(c => reviews.MayAsync(caller, verb, subresource, c), ct).ConfigureAwait(false);
            _rights.Set(key, may, may ? Yes : No);
        }

        return may;
    }

    // Whose rights are remembered must be told by all that rights depend on; lengths keep the parts apart.
    private static string Describe(Caller caller)
    {
        var text = new StringBuilder();
        foreach (var part in caller.Groups.Order(StringComparer.Ordinal).Prepend(caller.Uid).Prepend(caller.Name).Concat(caller.Extra.OrderBy(e => e.Key, StringComparer.Ordinal).SelectMany(e => e.Value.Prepend("=" + e.Key))))
        {
            text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await _reviews.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                return await ask(either.Token).ConfigureAwait(false);
            }
            finally
            {
                _reviews.Release();
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new RefusedException(StatusCodes.Status503ServiceUnavailable, "the API could not be asked who may do this");
        }
    }
}
