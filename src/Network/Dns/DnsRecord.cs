using System.Net;

namespace Sealos.Network.Dns;

/// <summary>A record of an answer of ours: its owner, how long it may be kept, and its data.</summary>
internal abstract record DnsRecord(string Name, DnsType Type, int TimeToLive)
{
    public abstract void WriteData(DnsWriter writer);
}

internal sealed record AddressRecord(string Name, int TimeToLive, IPAddress Address) : DnsRecord(Name, DnsType.A, TimeToLive)
{
    public override void WriteData(DnsWriter writer) => writer.WriteBytes(Address.GetAddressBytes());
}

/// <summary>A record whose data are one name: CNAME, NS or PTR.</summary>
internal sealed record NameRecord(string Name, DnsType Type, int TimeToLive, string Target) : DnsRecord(Name, Type, TimeToLive)
{
    public override void WriteData(DnsWriter writer) => writer.WriteName(Target);
}

internal sealed record ServiceRecord(string Name, int TimeToLive, ushort Weight, ushort Port, string Target) : DnsRecord(Name, DnsType.Srv, TimeToLive)
{
    private const ushort Priority = 0;

    public override void WriteData(DnsWriter writer)
    {
        writer.WriteUInt16(Priority);
        writer.WriteUInt16(Weight);
        writer.WriteUInt16(Port);

        // Clients of old do not expand names inside this record.
        writer.WriteName(Target, compress: false);
    }
}

internal sealed record TextRecord(string Name, int TimeToLive, string Text) : DnsRecord(Name, DnsType.Txt, TimeToLive)
{
    public override void WriteData(DnsWriter writer)
    {
        writer.WriteByte((byte)Text.Length);
        writer.WriteBytes(System.Text.Encoding.ASCII.GetBytes(Text));
    }
}

/// <summary>What a zone says of itself; goes with every answer that there is nothing, and says how long to believe it.</summary>
internal sealed record ZoneRecord(string Name, int TimeToLive, string Server, string Mailbox, uint Serial) : DnsRecord(Name, DnsType.Soa, TimeToLive)
{
    private const uint Refresh = 7200;
    private const uint Retry = 1800;
    private const uint Expire = 86400;

    public override void WriteData(DnsWriter writer)
    {
        writer.WriteName(Server);
        writer.WriteName(Mailbox);
        foreach (var number in (ReadOnlySpan<uint>)[Serial, Refresh, Retry, Expire, (uint)TimeToLive])
        {
            writer.WriteUInt32(number);
        }
    }
}

/// <summary>Bytes of somebody else's record that need no change to be passed on, such as an AAAA's.</summary>
internal sealed record OpaqueRecord(string Name, DnsType Type, int TimeToLive, byte[] Data) : DnsRecord(Name, Type, TimeToLive)
{
    public override void WriteData(DnsWriter writer) => writer.WriteBytes(Data);
}
