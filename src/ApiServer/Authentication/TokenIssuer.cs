using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Authentication;

/// <summary>Names the issuer of service-account tokens and who accepts them.</summary>
internal sealed record TokenIssuerOptions(string KeyFile)
{
    public string Issuer { get; init; } = "https://kubernetes.default.svc.cluster.local";

    /// <summary>What this API server accepts as <c>aud</c>; all are stamped when a request names none.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = ["https://kubernetes.default.svc.cluster.local"];
}

/// <summary>What to put into a token; <see cref="Pod"/>, <see cref="Secret"/> and <see cref="Node"/> bind its life to theirs.</summary>
internal sealed record TokenSpec(string Namespace, TokenReference ServiceAccount)
{
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>Checked by the caller to be at least 600; 3607 asks for the pod volume's long-lived form.</summary>
    public long ExpirationSeconds { get; init; } = 3600;

    public TokenReference? Pod { get; init; }

    public TokenReference? Secret { get; init; }

    /// <summary>With a pod it only says where the pod runs.</summary>
    public TokenReference? Node { get; init; }
}

/// <summary>A signed token and what a TokenRequest's status says of it.</summary>
internal sealed record IssuedToken(string Token, DateTimeOffset ExpirationTimestamp, IReadOnlyList<string> Audiences);

/// <summary>Signs service-account tokens with a key of its own and publishes the public half.</summary>
internal sealed class TokenIssuer : IDisposable
{
    // What pod volumes ask for. Clients from before tokens expired never read theirs again, so it lives a year and
    // says when a newer client would have come back.
    private const long PodVolumeSeconds = 3607;
    private const long YearSeconds = 365 * 24 * 3600;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TokenIssuerOptions _options;
    private readonly TimeProvider _time;
    private readonly string _header;

    private TokenIssuer(TokenIssuerOptions options, IReadOnlyList<SigningKey> keys, TimeProvider time)
    {
        _options = options;
        _time = time;
        Keys = keys;
        var key = keys[0];
        _header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new JsonObject { ["alg"] = key.Algorithm, ["kid"] = key.KeyId }.ToJsonString()));
        JwksDocument = new JsonObject { ["keys"] = new JsonArray([.. keys.Select(k => k.ToJwk())]) }.ToJsonString(Plain);
    }

    /// <summary>The key that signs.</summary>
    public SigningKey Key => Keys[0];

    /// <summary>The keys whose tokens are good: the one that signs, and the one before it.</summary>
    public IReadOnlyList<SigningKey> Keys { get; }

    public string Issuer => _options.Issuer;

    public IReadOnlyList<string> Audiences => _options.Audiences;

    /// <summary>The body of <c>/openid/v1/jwks</c> (application/jwk-set+json).</summary>
    public string JwksDocument { get; }

    /// <summary>
    /// Loads the key, or makes one (ES256, mode 0600) when the file is missing. To change it, its file is renamed to end in
    /// <c>.previous</c>: at the next start a new one is made, and tokens of the old one stay good as long as that file is there.
    /// </summary>
    public static TokenIssuer LoadOrCreate(TokenIssuerOptions options, TimeProvider time)
    {
        var previous = options.KeyFile + ".previous";
        var key = SigningKey.LoadOrCreate(options.KeyFile);
        return new TokenIssuer(options, File.Exists(previous) ? [key, SigningKey.LoadOrCreate(previous)] : [key], time);
    }

    public IssuedToken Issue(TokenSpec spec)
    {
        var now = _time.GetUtcNow();
        var audiences = spec.Audiences.Count > 0 ? spec.Audiences : _options.Audiences;
        var isExtended = spec.Pod is not null && spec.ExpirationSeconds == PodVolumeSeconds && audiences.All(_options.Audiences.Contains);
        var issuedAt = now.ToUnixTimeSeconds();
        var claims = new TokenClaims(spec.Namespace, spec.ServiceAccount)
        {
            Issuer = _options.Issuer,
            Id = Guid.NewGuid().ToString(),
            Audiences = audiences,
            IssuedAt = issuedAt,
            NotBefore = issuedAt,
            Expires = issuedAt + (isExtended ? YearSeconds : spec.ExpirationSeconds),
            WarnAfter = isExtended ? issuedAt + PodVolumeSeconds : null,
            Pod = spec.Pod,
            Secret = spec.Secret,
            Node = spec.Node,
        };
        var signed = $"{_header}.{Base64Url.EncodeToString(claims.Write())}";
        var signature = Key.Sign(Encoding.ASCII.GetBytes(signed));
        return new IssuedToken(
            $"{signed}.{Base64Url.EncodeToString(signature)}", DateTimeOffset.FromUnixTimeSeconds(issuedAt + spec.ExpirationSeconds), audiences);
    }

    /// <summary>The body of <c>/.well-known/openid-configuration</c>.</summary>
    public string DiscoveryDocument(string jwksUri) => new JsonObject
    {
        ["issuer"] = _options.Issuer,
        ["jwks_uri"] = jwksUri,
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray([.. Keys.Select(k => k.Algorithm).Distinct().Select(a => (JsonNode)a)]),
    }.ToJsonString(Plain);

    public void Dispose()
    {
        foreach (var key in Keys)
        {
            key.Dispose();
        }
    }
}
