namespace Sealos.Objects.Serialization;

/// <summary>A body could not be read; the message is fit to be shown to the client.</summary>
public sealed class DecodeException(string message, Exception? inner = null) : Exception(message, inner);
