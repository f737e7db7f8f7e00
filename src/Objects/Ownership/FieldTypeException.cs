namespace Sealos.Objects.Ownership;

/// <summary>An object that is not of the type it should be; the message names the fields.</summary>
public sealed class FieldTypeException(string message) : Exception(message);
