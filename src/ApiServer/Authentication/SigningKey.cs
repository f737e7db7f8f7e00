using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Authentication;

/// <summary>The key that signs tokens: ES256 (what we make) or RS256 (what an operator may bring).</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ECDsa? _ec;
    private readonly RSA? _rsa;

    private SigningKey(ECDsa? ec, RSA? rsa)
    {
        _ec = ec;
        _rsa = rsa;
        var publicKey = ec?.ExportSubjectPublicKeyInfo() ?? rsa!.ExportSubjectPublicKeyInfo();
        KeyId = Base64Url.EncodeToString(SHA256.HashData(publicKey));
    }

    public string Algorithm => _ec is null ? "RS256" : "ES256";

    /// <summary>The hash of the public key, so that it needs no place to be kept.</summary>
    public string KeyId { get; }

    /// <summary>Loads the key, or makes one that only the owner can read.</summary>
    public static SigningKey LoadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return Load(path);
        }

        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var partial = path + ".partial";
        File.Delete(partial);
        using (var stream = new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, path);
        return new SigningKey(key, null);
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            return _ec?.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                ?? _rsa!.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_gate)
        {
            return _ec?.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                ?? _rsa!.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>The public half as a JSON web key.</summary>
    public JsonObject ToJwk()
    {
        var jwk = new JsonObject { ["use"] = "sig", ["kty"] = _ec is null ? "RSA" : "EC", ["kid"] = KeyId, ["alg"] = Algorithm };
        if (_ec is not null)
        {
            var point = _ec.ExportParameters(includePrivateParameters: false).Q;
            jwk["crv"] = "P-256";
            jwk["x"] = Base64Url.EncodeToString(point.X);
            jwk["y"] = Base64Url.EncodeToString(point.Y);
        }
        else
        {
            var parameters = _rsa!.ExportParameters(includePrivateParameters: false);
            jwk["n"] = Base64Url.EncodeToString(parameters.Modulus);
            jwk["e"] = Base64Url.EncodeToString(parameters.Exponent);
        }

        return jwk;
    }

    public void Dispose()
    {
        _ec?.Dispose();
        _rsa?.Dispose();
    }

    private static SigningKey Load(string path)
    {
        var pem = File.ReadAllText(path);
        if (TryImport(ECDsa.Create(), pem) is { } ec)
        {
            return ec.KeySize == 256
                ? new SigningKey(ec, null)
                : throw new InvalidDataException($"the token key {path} is an elliptic curve key of {ec.KeySize} bits; P-256 is allowed");
        }

        if (TryImport(RSA.Create(), pem) is { } rsa)
        {
            return rsa.KeySize >= 2048
                ? new SigningKey(null, rsa)
                : throw new InvalidDataException($"the token key {path} is an RSA key of {rsa.KeySize} bits; at least 2048 are needed");
        }

        throw new InvalidDataException($"the token key {path} is not a PEM private key (EC P-256 or RSA)");
    }

    private static T? TryImport<T>(T key, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }
}
