using System.Collections.Immutable;

namespace Sealos.Network.Dns;

/// <summary>What is said to a question, before it is put on the wire.</summary>
internal sealed record DnsAnswer
{
    public DnsStatus Status { get; init; }

    /// <summary>The answer is our own knowledge, not hearsay.</summary>
    public bool IsAuthoritative { get; init; } = true;

    public ImmutableArray<DnsRecord> Records { get; init; } = [];

    public ImmutableArray<DnsRecord> Authority { get; init; } = [];

    public ImmutableArray<DnsRecord> Additional { get; init; } = [];

    /// <summary>An answer without records and without a zone to speak for.</summary>
    public static DnsAnswer Of(DnsStatus status) => new() { Status = status, IsAuthoritative = false };

    /// <summary>Records that answer the question.</summary>
    public static DnsAnswer Of(IEnumerable<DnsRecord> records) => new() { Records = [.. records] };

    /// <summary>The name exists, without such a record.</summary>
    public static DnsAnswer NoData(DnsRecord zone) => new() { Authority = [zone] };

    /// <summary>There is no such name in the zone.</summary>
    public static DnsAnswer NoSuchName(DnsRecord zone) => new() { Status = DnsStatus.NoSuchName, Authority = [zone] };
}
