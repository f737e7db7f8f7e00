namespace Sealos.OsServices.Users;

/// <summary>A step of making a user cannot come to a good end until somebody changes something.</summary>
internal sealed class StepRefusedException(string reason, string message) : Exception(message)
{
    /// <summary>Why, in one word.</summary>
    public string Reason => reason;
}
