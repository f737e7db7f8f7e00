namespace Sealos.Objects.Patches;

/// <summary>A patch that cannot be applied; the message is fit to be shown to the client.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="isMalformed">The patch itself is no patch (a 400), rather than one that does not fit the object (a 422).</param>
public sealed class PatchException(string message, bool isMalformed = false) : Exception(message)
{
    /// <summary>The patch itself is no patch, whatever the object.</summary>
    public bool IsMalformed { get; } = isMalformed;
}
