namespace Sealos.Store;

/// <summary>
/// A small file beside the database that holds nothing but room. SQLite needs some to open a database after a crash (the index
/// of its log), and on a full disk this is what it gets.
/// </summary>
internal sealed class SpareRoom(string storePath)
{
    private const int Bytes = 1024 * 1024;

    private readonly string _file = storePath + ".spare";
    private bool _isThere;

    /// <summary>Gives the room to whoever opens the database, when the disk has less left.</summary>
    public void ReleaseWhenFull()
    {
        if (File.Exists(_file) && new DriveInfo(Path.GetFullPath(_file)).AvailableFreeSpace < Bytes)
        {
            Release();
        }
    }

    /// <summary>Gives the room away.</summary>
    internal void Release()
    {
        File.Delete(_file);
        _isThere = false;
    }

    /// <summary>Takes the room (again) while there is some.</summary>
    public void Ensure()
    {
        if (_isThere)
        {
            return;
        }

        try
        {
            if (new FileInfo(_file) is not { Exists: true, Length: Bytes })
            {
                // Written, not only reserved: some file systems count a hole as room taken and others do not.
                File.WriteAllBytes(_file, new byte[Bytes]);
            }
        }
        catch (IOException)
        {
            File.Delete(_file);
        }

        // Whatever came of it, it is not tried again with every write; the next start does.
        _isThere = true;
    }
}
