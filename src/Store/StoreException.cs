namespace Sealos.Store;

/// <summary>The store could not do what was asked; nothing was changed.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Makes one with a message for the operator.</summary>
    public StoreException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal const string WhatToDo = "Stop the server and put a backup in its place: sealos restore FILE";

    /// <summary>Whether the same request can succeed later without being changed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether the disk is full; somebody must make room.</summary>
    public bool IsDiskFull { get; init; }

    /// <summary>Whether what is on disk is not what was written; only a backup helps.</summary>
    public bool IsDamaged { get; init; }
}

/// <summary>The key is not at the revision that the writer expected.</summary>
public sealed class RevisionConflictException : Exception
{
    /// <summary>Makes one for <paramref name="key"/>, which is at <paramref name="current"/> (0: does not exist).</summary>
    public RevisionConflictException(string key, long? expected, long current)
        : base(current == 0 ? $"key \"{key}\" does not exist"
            : expected == 0 ? $"key \"{key}\" exists already, at revision {current}"
            : $"key \"{key}\" is at revision {current}, not {expected}")
    {
        Expected = expected;
        Current = current;
    }

    /// <summary>The revision that the writer expected; 0 means "does not exist", null any that exists.</summary>
    public long? Expected { get; }

    /// <summary>The key's revision; 0 when it does not exist.</summary>
    public long Current { get; }
}

/// <summary>The revision asked for is no longer kept.</summary>
public sealed class CompactedException : Exception
{
    /// <summary>Makes one for a read at <paramref name="requested"/>.</summary>
    public CompactedException(long requested, long compacted)
        : base($"revision {requested} is gone: the store was compacted at {compacted}")
    {
        Requested = requested;
        Compacted = compacted;
    }

    /// <summary>The revision asked for.</summary>
    public long Requested { get; }

    /// <summary>The oldest revision that can still be read at.</summary>
    public long Compacted { get; }
}
