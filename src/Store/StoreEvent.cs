namespace Sealos.Store;

/// <summary>One committed write, as a watcher sees it.</summary>
/// <param name="Revision">The write's revision.</param>
/// <param name="Key">The key written.</param>
/// <param name="Type">What happened to the key.</param>
/// <param name="Value">The new bytes; null when the key was deleted.</param>
/// <param name="CreateRevision">The revision that made the key exist.</param>
public sealed record StoreEvent(
    long Revision,
    string Key,
    StoreEventType Type,
    ReadOnlyMemory<byte>? Value,
    long CreateRevision);

/// <summary>What a write did to its key.</summary>
public enum StoreEventType
{
    /// <summary>The key did not exist before.</summary>
    Created,

    /// <summary>The key existed and has a new value.</summary>
    Updated,

    /// <summary>The key no longer exists.</summary>
    Deleted,
}
