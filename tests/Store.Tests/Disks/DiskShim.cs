using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sealos.Store.Tests.Disks;

/// <summary>
/// A layer between SQLite and the file system: files under a <see cref="FaultyDisk"/> pass through it and are recorded, or fail as
/// that disk says; all others go straight to SQLite's own.
/// </summary>
internal static unsafe partial class DiskShim
{
    private static readonly Lock Gate = new();
    private static readonly List<FaultyDisk> Disks = [];
    private static Vfs* _original;
    private static IoMethods* _methods;

    public static void Add(FaultyDisk disk)
    {
        lock (Gate)
        {
            if (_original == null)
            {
                SQLitePCL.Batteries_V2.Init();
                Install();
            }

            Disks.Add(disk);
        }
    }

    public static void Remove(FaultyDisk disk)
    {
        lock (Gate)
        {
            Disks.Remove(disk);
        }
    }

    private static void Install()
    {
        var original = Find(null);
        var methods = (IoMethods*)NativeMemory.AllocZeroed((nuint)sizeof(IoMethods));
        methods->Version = 2;
        methods->Close = &OnClose;
        methods->Read = &OnRead;
        methods->Write = &OnWrite;
        methods->Truncate = &OnTruncate;
        methods->Sync = &OnSync;
        methods->FileSize = &OnFileSize;
        methods->Lock = &OnLock;
        methods->Unlock = &OnUnlock;
        methods->CheckReservedLock = &OnCheckReservedLock;
        methods->FileControl = &OnFileControl;
        methods->SectorSize = &OnSectorSize;
        methods->DeviceCharacteristics = &OnDeviceCharacteristics;
        methods->ShmMap = &OnShmMap;
        methods->ShmLock = &OnShmLock;
        methods->ShmBarrier = &OnShmBarrier;
        methods->ShmUnmap = &OnShmUnmap;
        _methods = methods;
        _original = original;

        var shim = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        *shim = *original;
        shim->Version = 2;
        shim->Next = null;
        shim->Name = (byte*)Marshal.StringToCoTaskMemUTF8("sealos-faulty");
        shim->FileBytes = sizeof(ShimFile) + original->FileBytes;
        shim->Open = &OnOpen;
        shim->Delete = &OnDelete;
        if (Register(shim, 1) != 0)
        {
            throw new InvalidOperationException("SQLite did not take the disk's shim");
        }
    }

    private static FaultyDisk? DiskOf(byte* name, out string file)
    {
        file = "";
        if (name == null)
        {
            return null;
        }

        var path = Marshal.PtrToStringUTF8((nint)name)!;
        lock (Gate)
        {
            var disk = Disks.Find(d => path.StartsWith(d.Folder + "/", StringComparison.Ordinal));
            file = disk is null ? "" : path[(disk.Folder.Length + 1)..];
            return disk;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnOpen(Vfs* vfs, byte* name, ShimFile* file, int flags, int* outFlags)
    {
        if (DiskOf(name, out var path) is not { } disk)
        {
            return _original->Open(_original, name, file, flags, outFlags);
        }

        file->Methods = null;
        var code = _original->Open(_original, name, (ShimFile*)Real(file), flags, outFlags);
        if (code == 0)
        {
            file->Methods = _methods;
            file->Handle = GCHandle.ToIntPtr(GCHandle.Alloc(new OpenFile(disk, path)));
        }

        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnDelete(Vfs* vfs, byte* name, int syncFolder)
    {
        if (DiskOf(name, out var path) is { } disk && disk.Take(DiskStep.Delete, path, syncFolder == 0 ? 0 : FaultyDisk.DurableDelete, []) is var failure and not 0)
        {
            return failure;
        }

        return _original->Delete(_original, name, syncFolder);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnClose(ShimFile* file)
    {
        GCHandle.FromIntPtr(file->Handle).Free();
        return Real(file)->Methods->Close((ShimFile*)Real(file));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRead(ShimFile* file, void* into, int count, long offset) =>
        Of(file).Take(DiskStep.Read, offset, []) is var failure and not 0 ? failure : Real(file)->Methods->Read((ShimFile*)Real(file), into, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrite(ShimFile* file, void* from, int count, long offset) =>
        Of(file).Take(DiskStep.Write, offset, new ReadOnlySpan<byte>(from, count)) is var failure and not 0 ? failure : Real(file)->Methods->Write((ShimFile*)Real(file), from, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnTruncate(ShimFile* file, long length) =>
        Of(file).Take(DiskStep.Truncate, length, []) is var failure and not 0 ? failure : Real(file)->Methods->Truncate((ShimFile*)Real(file), length);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSync(ShimFile* file, int flags) =>
        Of(file).Take(DiskStep.Sync, 0, []) is var failure and not 0 ? failure : Real(file)->Methods->Sync((ShimFile*)Real(file), flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFileSize(ShimFile* file, long* size) => Real(file)->Methods->FileSize((ShimFile*)Real(file), size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnLock(ShimFile* file, int level) => Real(file)->Methods->Lock((ShimFile*)Real(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnUnlock(ShimFile* file, int level) => Real(file)->Methods->Unlock((ShimFile*)Real(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCheckReservedLock(ShimFile* file, int* result) => Real(file)->Methods->CheckReservedLock((ShimFile*)Real(file), result);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFileControl(ShimFile* file, int what, void* argument) => Real(file)->Methods->FileControl((ShimFile*)Real(file), what, argument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSectorSize(ShimFile* file) => Real(file)->Methods->SectorSize((ShimFile*)Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnDeviceCharacteristics(ShimFile* file) => Real(file)->Methods->DeviceCharacteristics((ShimFile*)Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnShmMap(ShimFile* file, int region, int bytes, int extend, void** mapped) => Real(file)->Methods->ShmMap((ShimFile*)Real(file), region, bytes, extend, mapped);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnShmLock(ShimFile* file, int offset, int count, int flags) => Real(file)->Methods->ShmLock((ShimFile*)Real(file), offset, count, flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnShmBarrier(ShimFile* file) => Real(file)->Methods->ShmBarrier((ShimFile*)Real(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnShmUnmap(ShimFile* file, int delete) => Real(file)->Methods->ShmUnmap((ShimFile*)Real(file), delete);

    private static OpenFile Of(ShimFile* file) => (OpenFile)GCHandle.FromIntPtr(file->Handle).Target!;

    private static ShimFile* Real(ShimFile* file) => file + 1;

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Vfs* Find(string? name);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    private static partial int Register(Vfs* vfs, int makeDefault);

    private sealed record OpenFile(FaultyDisk Disk, string Path)
    {
        public int Take(DiskStep step, long offset, ReadOnlySpan<byte> data) => Disk.Take(step, Path, offset, data);
    }

    // SQLite's own file follows behind this.
    private struct ShimFile
    {
        public IoMethods* Methods;
        public nint Handle;
    }

#pragma warning disable CS0649 // What is not set here is copied from SQLite's own.
    private struct Vfs
    {
        public int Version;
        public int FileBytes;
        public int MaxPath;
        public Vfs* Next;
        public byte* Name;
        public void* AppData;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, ShimFile*, int, int*, int> Open;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int> Delete;
        public OtherCalls Others;
    }
#pragma warning restore CS0649

    // xAccess to xCurrentTimeInt64: SQLite's own do for both.
    [InlineArray(11)]
    private struct OtherCalls
    {
        private nint _call;
    }

    private struct IoMethods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<ShimFile*, int> Close;
        public delegate* unmanaged[Cdecl]<ShimFile*, void*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<ShimFile*, void*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<ShimFile*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<ShimFile*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<ShimFile*, long*, int> FileSize;
        public delegate* unmanaged[Cdecl]<ShimFile*, int, int> Lock;
        public delegate* unmanaged[Cdecl]<ShimFile*, int, int> Unlock;
        public delegate* unmanaged[Cdecl]<ShimFile*, int*, int> CheckReservedLock;
        public delegate* unmanaged[Cdecl]<ShimFile*, int, void*, int> FileControl;
        public delegate* unmanaged[Cdecl]<ShimFile*, int> SectorSize;
        public delegate* unmanaged[Cdecl]<ShimFile*, int> DeviceCharacteristics;
        public delegate* unmanaged[Cdecl]<ShimFile*, int, int, int, void**, int> ShmMap;
        public delegate* unmanaged[Cdecl]<ShimFile*, int, int, int, int> ShmLock;
        public delegate* unmanaged[Cdecl]<ShimFile*, void> ShmBarrier;
        public delegate* unmanaged[Cdecl]<ShimFile*, int, int> ShmUnmap;
    }
}
