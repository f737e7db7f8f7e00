using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Sealos.Store.Sqlite;
using SQLitePCL;

namespace Sealos.Store;

/// <summary>
/// The checksum (CRC-32C) that stands on every row. SQLite checks the shape of its pages, not what is in them: a bit that the disk
/// turned within a value would be answered as if it had been written.
/// </summary>
internal static class RowChecksum
{
    public static long Of(long revision, string key, ReadOnlySpan<byte> value, long createRevision)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (ulong)revision);
        crc = BitOperations.Crc32C(crc, (ulong)createRevision);
        crc = Add(crc, MemoryMarshal.AsBytes(key.AsSpan()));
        return Add(crc, value);
    }

    /// <summary>Refuses a row that is not what was written.</summary>
    public static void Verify(long stored, long revision, string key, ReadOnlySpan<byte> value, long createRevision)
    {
        if (stored != Of(revision, key, value, createRevision))
        {
            throw new SqliteFailure(raw.SQLITE_CORRUPT, $"what was written at revision {revision} does not match its checksum");
        }
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var rest in bytes)
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return crc;
    }
}
