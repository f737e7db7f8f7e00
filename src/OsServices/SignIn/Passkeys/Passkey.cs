using System.Security.Cryptography;
using System.Text.Json;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>A passkey as it is kept: its public key, and what its owner calls it.</summary>
internal sealed record Passkey(byte[] CredentialId, byte[] PublicKey, string Name, DateTimeOffset Created)
{
    public DateTimeOffset? LastUsed { get; init; }

    public uint SignCount { get; init; }

    public bool IsBackedUp { get; init; }

    /// <summary>What it is known by where a credential's own id would be too long.</summary>
    public string Id => IdOf(CredentialId);

    public static string IdOf(byte[] credentialId) => Convert.ToHexStringLower(SHA256.HashData(credentialId))[..32];
}

/// <summary>A user's passkeys: the Secret <c>sealos-passkeys-USER</c>, one key of data for each, and the handle that authenticators know the user by.</summary>
internal sealed class PasskeySet
{
    private const string HandleField = "handle";

    // Those of accounts that were merged into this one; no passkey's id begins so.
    private const string OtherHandlePrefix = "handle-";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public PasskeySet(Secret secret) => Secret = secret;

    public Secret Secret { get; }

    public byte[]? Handle => Secret.Data?.GetValueOrDefault(HandleField);

    /// <summary>Handles that authenticators know the user by besides, from before accounts were merged.</summary>
    public IEnumerable<byte[]> OtherHandles => (Secret.Data ?? []).Where(d => d.Key.StartsWith(OtherHandlePrefix, StringComparison.Ordinal)).Select(d => d.Value);

    /// <summary>All of them, the oldest first.</summary>
    public IReadOnlyList<Passkey> All => [.. (Secret.Data ?? []).Where(d => IsPasskey(d.Key)).Select(d => JsonSerializer.Deserialize<Passkey>(d.Value, Json)!).OrderBy(p => p.Created)];

    public static Dictionary<string, byte[]> NewData(byte[] handle) => new() { [HandleField] = handle };

    /// <summary>Whether authenticators know the user by a handle.</summary>
    public bool IsKnownBy(byte[] handle) => Handle?.AsSpan().SequenceEqual(handle) == true || OtherHandles.Any(h => h.AsSpan().SequenceEqual(handle));

    /// <summary>Takes in another set: its passkeys, and the handles they answer with.</summary>
    public void Add(PasskeySet other)
    {
        foreach (var passkey in other.All)
        {
            Put(passkey);
        }

        foreach (var handle in other.OtherHandles.Append(other.Handle!).Where(h => !IsKnownBy(h)).ToList())
        {
            Secret.Data![OtherHandlePrefix + Convert.ToHexStringLower(handle)] = handle;
        }
    }

    private static bool IsPasskey(string field) => field != HandleField && !field.StartsWith(OtherHandlePrefix, StringComparison.Ordinal);

    public Passkey? Find(string id) => IsPasskey(id) && Secret.Data?.GetValueOrDefault(id) is { } bytes ? JsonSerializer.Deserialize<Passkey>(bytes, Json) : null;

    public void Put(Passkey passkey) => Secret.Data![passkey.Id] = JsonSerializer.SerializeToUtf8Bytes(passkey, Json);

    public void Remove(string id) => Secret.Data!.Remove(id);
}
