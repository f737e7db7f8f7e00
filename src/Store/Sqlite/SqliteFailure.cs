using SQLitePCL;

namespace Sealos.Store.Sqlite;

/// <summary>An SQLite call that did not succeed, with its extended result code.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception(message)
{
    public int Code { get; } = code;

    public int PrimaryCode => Code & 0xff;

    public bool IsCorruption => PrimaryCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>Whether the connection itself is still good, so that it need not be opened anew.</summary>
    public bool LeavesConnectionUsable =>
        PrimaryCode is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_TOOBIG or raw.SQLITE_NOMEM or raw.SQLITE_INTERRUPT;

    /// <summary>What the operator is told.</summary>
    public StoreException ToStoreException(string doing)
    {
        var why = PrimaryCode switch
        {
            raw.SQLITE_FULL => "the disk is full",
            raw.SQLITE_IOERR => "the disk refused to read or write",
            raw.SQLITE_READONLY or raw.SQLITE_PERM => "the disk or the file is read-only",
            raw.SQLITE_CANTOPEN => "the file cannot be opened",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another program holds the file",
            raw.SQLITE_CORRUPT => "the file is damaged",
            raw.SQLITE_NOTADB => "the file is not a store, or its beginning is damaged",
            _ => "SQLite failed",
        };

        var isTransient = PrimaryCode is raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_BUSY or raw.SQLITE_LOCKED
            or raw.SQLITE_NOMEM or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY;
        var whatToDo = IsCorruption ? ". " + StoreException.WhatToDo : "";
        return new StoreException($"{doing} failed: {why} ({Message}, code {Code}){whatToDo}", this)
        {
            IsTransient = isTransient,
            IsDiskFull = PrimaryCode == raw.SQLITE_FULL,
            IsDamaged = IsCorruption,
        };
    }
}
