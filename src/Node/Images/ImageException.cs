namespace Sealos.Node.Images;

/// <summary>An image could not be read or imported; the message is meant for the person who asked.</summary>
public sealed class ImageException(string message, Exception? inner = null) : Exception(message, inner);
