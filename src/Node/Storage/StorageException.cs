namespace Sealos.Node.Storage;

/// <summary>A volume cannot be made, grown or removed; the message is told to who asked for it.</summary>
internal sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
