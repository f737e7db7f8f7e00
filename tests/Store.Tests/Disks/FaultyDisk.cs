namespace Sealos.Store.Tests.Disks;

/// <summary>What SQLite asks of a disk.</summary>
internal enum DiskStep
{
    Read,
    Write,
    Truncate,
    Sync,
    Delete,
}

/// <summary>One thing done to a file; a sync that failed lost what it should have written.</summary>
internal sealed record DiskOperation(DiskStep Step, string File, long Offset, byte[] Data, bool HasFailed);

/// <summary>A folder whose files are watched and can be made to fail, and from whose record any crash can be made up.</summary>
internal sealed class FaultyDisk : IDisposable
{
    /// <summary>Stands as the offset of a deletion whose folder was synced with it.</summary>
    public const int DurableDelete = 1;

    private const int SectorBytes = 512;

    private readonly Lock _gate = new();
    private readonly List<DiskOperation> _operations = [];

    public FaultyDisk()
    {
        // Real syncs would only cost time: what they keep is worked out from the record.
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        Folder = Directory.CreateDirectory(Path.Combine(memory, "sealos-disk-" + Path.GetRandomFileName())).FullName;
        DiskShim.Add(this);
    }

    public string Folder { get; }

    public string StorePath => Path.Combine(Folder, "disk", "store.db");

    /// <summary>Answers SQLite's code for a step that fails, 0 for one that goes through; null lets all through.</summary>
    public Func<DiskStep, string, int>? Fault { get; set; }

    /// <summary>How many operations there were.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _operations.Count;
            }
        }
    }

    public int Take(DiskStep step, string file, long offset, ReadOnlySpan<byte> data)
    {
        var failure = Fault?.Invoke(step, file) ?? 0;
        if (step != DiskStep.Read && (failure == 0 || step == DiskStep.Sync))
        {
            lock (_gate)
            {
                _operations.Add(new DiskOperation(step, file, offset, data.ToArray(), failure != 0));
            }
        }

        return failure;
    }

    /// <summary>What a process leaves that is killed after so many operations, the next half done.</summary>
    public Dictionary<string, byte[]> Killed(int operations, Random random)
    {
        var files = new Dictionary<string, Image>();
        for (var i = 0; i < operations; i++)
        {
            Apply(files, _operations[i], _operations[i].Data.Length);
        }

        if (operations < _operations.Count)
        {
            Apply(files, _operations[operations], random.Next(_operations[operations].Data.Length + 1), isPart: true);
        }

        return files.ToDictionary(f => f.Key, f => f.Value.ToArray());
    }

    /// <summary>
    /// What is left when power is lost after so many operations: all that was synced, and of the rest any mix of what reached the disk,
    /// what did not, and sectors of it.
    /// </summary>
    public Dictionary<string, byte[]> PowerLost(int operations, Random random)
    {
        var files = new Dictionary<string, Image>();
        var done = _operations.Take(operations).ToList();
        foreach (var file in done.Select(o => o.File).Distinct())
        {
            var synced = done.FindLastIndex(o => o.File == file && o.Step == DiskStep.Sync && !o.HasFailed);
            var keep = random.Next(3);
            for (var i = 0; i < done.Count; i++)
            {
                if (done[i].File != file)
                {
                    continue;
                }

                // A system that failed to write pages takes them for written all the same; no later sync tries them again.
                var nextSync = done.FindIndex(i, o => o.File == file && o.Step == DiskStep.Sync);
                if (done[i].Step == DiskStep.Write && nextSync >= 0 && done[nextSync].HasFailed)
                {
                    continue;
                }

                if (i <= synced || done[i] is { Step: DiskStep.Delete, Offset: DurableDelete })
                {
                    Apply(files, done[i], done[i].Data.Length);
                }
                else if (keep != 0 && (keep == 1 || random.Next(2) == 0))
                {
                    Scatter(files, done[i], random);
                }
            }
        }

        return files.ToDictionary(f => f.Key, f => f.Value.ToArray());
    }

    /// <summary>Writes such a state into a folder of its own and answers the store's path there.</summary>
    public string Materialize(Dictionary<string, byte[]> files, string name)
    {
        var folder = Path.Combine(Folder + "-images", name, "disk");
        Directory.CreateDirectory(folder);
        foreach (var (file, content) in files)
        {
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(file)), content);
        }

        return Path.Combine(folder, "store.db");
    }

    public void Dispose()
    {
        DiskShim.Remove(this);
        foreach (var folder in new[] { Folder, Folder + "-images" }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Scatter(Dictionary<string, Image> files, DiskOperation operation, Random random)
    {
        if (operation.Step != DiskStep.Write || random.Next(2) == 0)
        {
            Apply(files, operation, operation.Data.Length);
            return;
        }

        for (var at = 0; at < operation.Data.Length; at += SectorBytes)
        {
            if (random.Next(2) == 0)
            {
                var sector = operation.Data.AsSpan(at, Math.Min(SectorBytes, operation.Data.Length - at)).ToArray();
                Apply(files, operation with { Offset = operation.Offset + at, Data = sector }, sector.Length);
            }
        }
    }

    private static void Apply(Dictionary<string, Image> files, DiskOperation operation, int bytes, bool isPart = false)
    {
        if (operation.Step == DiskStep.Delete)
        {
            if (!isPart)
            {
                files.Remove(operation.File);
            }

            return;
        }

        if (!files.TryGetValue(operation.File, out var file))
        {
            files[operation.File] = file = new Image();
        }

        if (operation.Step == DiskStep.Write)
        {
            file.Write(operation.Offset, operation.Data.AsSpan(0, bytes));
        }
        else if (operation.Step == DiskStep.Truncate && !isPart)
        {
            file.SetLength(operation.Offset);
        }
    }

    private sealed class Image
    {
        private readonly MemoryStream _bytes = new();

        public void Write(long offset, ReadOnlySpan<byte> data)
        {
            if (data.Length > 0)
            {
                _bytes.Position = offset;
                _bytes.Write(data);
            }
        }

        public void SetLength(long length) => _bytes.SetLength(length);

        public byte[] ToArray() => _bytes.ToArray();
    }
}
