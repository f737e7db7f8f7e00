namespace Sealos.Objects.Ownership;

/// <summary>Who owns fields, and by what kind of request; two entries of one object never have the same owner.</summary>
/// <param name="Manager">The manager's name.</param>
/// <param name="IsApply">Owned by applying, rather than by creating, updating or patching.</param>
/// <param name="ApiVersion">The version of the fields' names; for appliers it is no part of who they are.</param>
/// <param name="Subresource">The part of the object it was written through, or empty.</param>
public readonly record struct FieldOwner(string Manager, bool IsApply, string ApiVersion, string Subresource)
{
    /// <summary>Whether both are the same owner.</summary>
    public bool IsSame(FieldOwner other) =>
        Manager == other.Manager && IsApply == other.IsApply && Subresource == other.Subresource && (IsApply || ApiVersion == other.ApiVersion);

    /// <summary>How messages name the owner.</summary>
    public override string ToString()
    {
        var text = $"\"{Manager}\"";
        if (Subresource.Length > 0)
        {
            text += $" with subresource \"{Subresource}\"";
        }

        return IsApply ? text : $"{text} using {ApiVersion}";
    }
}

/// <summary>
/// One entry of <c>metadata.managedFields</c>. The set is kept as it was written until somebody asks for it: most writes
/// touch no more than the time of one entry.
/// </summary>
public sealed class ManagedEntry
{
    private readonly ReadOnlyMemory<byte> _written;

    /// <summary>An entry as it was read.</summary>
    internal ManagedEntry(FieldOwner owner, string? time, ReadOnlyMemory<byte> written)
    {
        Owner = owner;
        Time = time;
        _written = written;
    }

    /// <summary>A new entry.</summary>
    public ManagedEntry(FieldOwner owner, string? time, FieldSet fields)
    {
        Owner = owner;
        Time = time;
        Fields = fields;
    }

    /// <summary>Who owns the fields.</summary>
    public FieldOwner Owner { get; }

    /// <summary>When the entry last took fields, as RFC 3339 with seconds; null when it never did.</summary>
    public string? Time { get; }

    /// <summary>The fields.</summary>
    /// <exception cref="FormatException">What a client wrote is not a field set.</exception>
    public FieldSet Fields => field ??= FieldSetJson.Read(_written.Span);

    /// <summary>The set's bytes where they are known.</summary>
    internal ReadOnlySpan<byte> Written => _written.Span;

    /// <summary>The entry with another set, or none when that is empty.</summary>
    public ManagedEntry? With(FieldSet fields) => fields.IsEmpty ? null : new ManagedEntry(Owner, Time, fields);

    /// <summary>The entry with another time.</summary>
    public ManagedEntry At(string time) => _written.IsEmpty ? new ManagedEntry(Owner, time, Fields) : new ManagedEntry(Owner, time, _written);

    /// <summary>How many fields of a set are owned.</summary>
    internal int CountShared(FieldSet set) => set.IsEmpty ? 0 : _written.IsEmpty ? Fields.Intersect(set).Count : FieldSetJson.CountShared(_written.Span, set);
}
