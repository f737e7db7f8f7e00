using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Tests.Authentication;

/// <summary>An issuer with a key of its own, the objects that its tokens hang on, and who checks them.</summary>
internal sealed class TokenFixture : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-tokens-").FullName;

    public TokenFixture(Func<string, TokenIssuerOptions>? options = null)
    {
        KeyFile = Path.Combine(_folder, "keys", "sa.key");
        Issuer = TokenIssuer.LoadOrCreate(options?.Invoke(KeyFile) ?? new TokenIssuerOptions(KeyFile), Time);
        Objects[(BoundKind.ServiceAccount, "t1", "robot")] = new BoundObject("sa-uid", null);
        Authenticator = CreateAuthenticator();
    }

    public ManualTime Time { get; } = new();

    public string KeyFile { get; }

    public TokenIssuer Issuer { get; }

    public TokenAuthenticator Authenticator { get; }

    public Dictionary<(BoundKind, string?, string), BoundObject> Objects { get; } = [];

    public static TokenSpec Robot => new("t1", new TokenReference("robot", "sa-uid"));

    public TokenAuthenticator CreateAuthenticator() => new(
        Issuer, (kind, @namespace, name) => Objects.TryGetValue((kind, @namespace, name), out var found) ? found : null, Time);

    public static JsonElement Part(string token, int index) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[index])).RootElement;

    public static string WithPart(string token, int index, string json)
    {
        var parts = token.Split('.');
        parts[index] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
        return string.Join('.', parts);
    }

    public void Dispose()
    {
        Issuer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
