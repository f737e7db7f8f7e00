namespace Sealos.Store.Tests.Linearizability;

internal enum OperationKind
{
    Get,
    Put,
    Delete,
}

/// <summary>One call on one key, from when it was made to when it was answered.</summary>
/// <param name="Kind">What was asked.</param>
/// <param name="Key">Of which key.</param>
/// <param name="Expected">The revision the key had to be at; null for any.</param>
/// <param name="Value">The value that was put, or that was got.</param>
/// <param name="Revision">The revision answered: of the write, of the value got (0: none), or the current one in a conflict.</param>
/// <param name="IsConflict">Whether the answer was a conflict.</param>
internal sealed record Operation(OperationKind Kind, string Key, long? Expected, int Value, long Revision, bool IsConflict) : IOperation
{
    /// <summary>When it was called, counted over all threads.</summary>
    public long Called { get; init; }

    /// <summary>When it was answered.</summary>
    public long Answered { get; init; }

    /// <inheritdoc/>
    public bool IsUncertain => false;

    /// <inheritdoc/>
    public KeyState? Apply(KeyState before)
    {
        var fits = Expected is null || Expected == before.Revision;
        return Kind switch
        {
            OperationKind.Get => Revision == before.Revision && Value == before.Value ? before : null,
            _ when IsConflict => Revision == before.Revision && (!fits || (Kind == OperationKind.Delete && before.Revision == 0)) ? before : null,
            _ when !fits || Revision <= before.Newest => null,
            OperationKind.Put => new KeyState(Revision, Value, Revision),
            _ => before.Revision == 0 ? null : new KeyState(0, 0, Revision),
        };
    }
}
