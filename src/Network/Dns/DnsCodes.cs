namespace Sealos.Network.Dns;

/// <summary>Record types this server knows by name.</summary>
internal enum DnsType : ushort
{
    A = 1,
    NS = 2,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Opt = 41,
    Any = 255,
}

/// <summary>How an answer went.</summary>
internal enum DnsStatus : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
    NotImplemented = 4,
    Refused = 5,

    /// <summary>Needs an EDNS option to be said; the client speaks a version we do not.</summary>
    BadVersion = 16,
}

/// <summary>Bits of the header's second word.</summary>
[Flags]
internal enum DnsFlags : ushort
{
    None = 0,
    Response = 0x8000,
    Authoritative = 0x0400,
    Truncated = 0x0200,
    RecursionDesired = 0x0100,
    RecursionAvailable = 0x0080,
    CheckingDisabled = 0x0010,
}
