namespace Sealos.Store.Tests.Linearizability;

/// <summary>One call on one key, from when it was made to when it was answered, on a clock that all callers share.</summary>
internal interface IOperation
{
    string Key { get; }

    long Called { get; }

    long Answered { get; }

    /// <summary>Whether no answer came: it may have taken effect, until <see cref="Answered"/>, or never.</summary>
    bool IsUncertain { get; }

    /// <summary>The key's state after this operation took effect on <paramref name="before"/>; null when its answer contradicts that.</summary>
    KeyState? Apply(KeyState before);
}

/// <summary>A key's revision (0: it does not exist) and value, and the newest revision that any write of it got.</summary>
internal readonly record struct KeyState(long Revision, int Value, long Newest);
