namespace Sealos.Objects.Selectors;

/// <summary>A selector cannot be read; the message is fit to be shown to the client.</summary>
public sealed class SelectorException(string message) : Exception(message);
