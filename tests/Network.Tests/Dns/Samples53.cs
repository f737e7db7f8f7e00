namespace Sealos.Network_Tests.Dns;

/// <summary>A question and its answer as a name server on the internet gives it.</summary>
internal static class Samples53
{
    public const ushort Id = 0x1234;

    public static byte[] Question(string name = "www.example.org", int type = 1) => Wire.Query(name, type, Id);

    /// <summary>www is an alias of web, which has two addresses; the zone's own record goes with it.</summary>
    public static byte[] Reply(uint life = 60)
    {
        var bytes = Question().ToList();
        bytes[2] = 0x81;
        bytes[3] = 0x80;
        bytes[7] = 3;
        bytes[9] = 1;
        var web = bytes.Count + 12;
        bytes.AddRange(Record(12, 5, life, [3, (byte)'w', (byte)'e', (byte)'b', 0xC0, 16]));
        bytes.AddRange(Record(web, 1, life + 10, [192, 0, 2, 1]));
        bytes.AddRange(Record(web, 1, life + 20, [192, 0, 2, 2]));
        bytes.AddRange(Record(16, 6, life + 30, [0xC0, 16, 0xC0, 16, .. new byte[19], 30]));
        return [.. bytes];
    }

    /// <summary>There is no such name; the zone says for how long.</summary>
    public static byte[] Absence(byte life)
    {
        var bytes = Question().ToList();
        bytes[2] = 0x81;
        bytes[3] = 0x83;
        bytes[9] = 1;
        bytes.AddRange(Record(16, 6, 600, [0xC0, 16, 0xC0, 16, .. new byte[19], life]));
        return [.. bytes];
    }

    private static byte[] Record(int ownerAt, int type, uint life, byte[] data) =>
        [0xC0, (byte)ownerAt, 0, (byte)type, 0, 1, (byte)(life >> 24), (byte)(life >> 16), (byte)(life >> 8), (byte)life, 0, (byte)data.Length, .. data];
}
