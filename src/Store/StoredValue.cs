namespace Sealos.Store;

/// <summary>A key's value as of one revision.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The bytes that were put; never change them.</param>
/// <param name="CreateRevision">The revision that made the key exist.</param>
/// <param name="ModRevision">The revision that wrote this value.</param>
public sealed record StoredValue(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision);
