using Sealos.Store.Tests.Linearizability;

namespace Sealos.ApiServer.Tests.Linearizability;

internal enum Verb
{
    Get,
    Create,
    Update,
    Patch,
    Delete,
}

internal enum Outcome
{
    Done,
    NotFound,
    AlreadyExists,
    Conflict,

    /// <summary>No answer came.</summary>
    Unknown,
}

/// <summary>One request about one object, and what was answered.</summary>
/// <param name="Verb">What was asked.</param>
/// <param name="Key">Of which object.</param>
/// <param name="Expected">The resourceVersion that the request named; null for none.</param>
/// <param name="Value">The value that was written, or that was read.</param>
internal sealed record ApiCall(Verb Verb, string Key, long? Expected, int Value) : IOperation
{
    public Outcome Outcome { get; init; }

    /// <summary>The resourceVersion answered; of a write without an answer the one that it was seen to have got, or a negative one of its own.</summary>
    public long Revision { get; init; }

    public long Called { get; init; }

    public long Answered { get; init; }

    public bool IsUncertain => Outcome == Outcome.Unknown;

    public bool IsPut => Verb is Verb.Create or Verb.Update or Verb.Patch;

    public KeyState? Apply(KeyState before)
    {
        var exists = before.Revision != 0;
        var fits = Verb == Verb.Create ? !exists : exists && (Expected is null || Expected == before.Revision);
        return (Verb, Outcome) switch
        {
            (Verb.Get, Outcome.Done) => Revision == before.Revision && Value == before.Value ? before : null,
            (_, Outcome.NotFound) => exists || Verb == Verb.Create ? null : before,
            (Verb.Create, Outcome.AlreadyExists) => exists ? before : null,

            // Who names no version is refused when too many others write at once.
            (_, Outcome.Conflict) => Expected is null || (exists && !fits) ? before : null,
            (Verb.Delete, _) => fits ? new KeyState(0, 0, before.Newest) : null,
            (_, Outcome.Done or Outcome.Unknown) => fits ? Written(before) : null,
            _ => null,
        };
    }

    private KeyState? Written(KeyState before) => Revision switch
    {
        < 0 => new KeyState(Revision, Value, before.Newest),
        _ when Revision <= before.Newest => null,
        _ => new KeyState(Revision, Value, Revision),
    };
}
