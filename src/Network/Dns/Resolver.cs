namespace Sealos.Network.Dns;

/// <summary>Decides who answers a question: the cloud, the cluster, or the servers outside.</summary>
internal sealed class Resolver(CloudNames cloud, ClusterZone cluster, Forwarder forwarder)
{
    private const int LongestChain = 8;

    /// <summary>Whether what the cluster knows has been read once; before that nothing can be said not to exist.</summary>
    public bool KnowsCluster { get; set; }

    /// <summary>The answer where it needs nobody else.</summary>
    public bool TryAnswer(DnsQuery query, int limit, out byte[] reply)
    {
        var known = query.Defect == DnsStatus.NoError ? Known(query.Name, query.Type) : DnsAnswer.Of(query.Defect);
        if (known is not null && AliasIn(known, query.Type) is null)
        {
            reply = DnsWriter.Write(query, known, limit);
            return true;
        }

        if (known is null && forwarder.TryGetKept(query, out var kept, out var age))
        {
            reply = kept.For(query, age, limit);
            return true;
        }

        reply = [];
        return false;
    }

    /// <summary>The answer, from outside if need be.</summary>
    public async Task<byte[]> AnswerAsync(DnsQuery query, int limit, CancellationToken ct)
    {
        if (TryAnswer(query, limit, out var reply))
        {
            return reply;
        }

        if (Known(query.Name, query.Type) is { } answer)
        {
            return DnsWriter.Write(query, await FollowAsync(query, answer, ct).ConfigureAwait(false), limit);
        }

        return await forwarder.AskAsync(query, ct).ConfigureAwait(false) is { } foreign
            ? foreign.For(query, age: 0, limit)
            : DnsWriter.Write(query, DnsAnswer.Of(DnsStatus.ServerFailure), limit);
    }

    private static string? AliasIn(DnsAnswer answer, DnsType wanted) =>
        wanted is not (DnsType.Cname or DnsType.Any) && answer.Records is [.., NameRecord { Type: DnsType.Cname, Target: var target }] ? target : null;

    private DnsAnswer? Known(string name, DnsType type)
    {
        if (cloud.Answer(name, type) is { } answer)
        {
            return answer;
        }

        var found = cluster.Answer(name, type);
        return found is not null && !KnowsCluster ? DnsAnswer.Of(DnsStatus.ServerFailure) : found;
    }

    // Clients expect an alias together with what it leads to; most never ask a second time.
    private async Task<DnsAnswer> FollowAsync(DnsQuery query, DnsAnswer answer, CancellationToken ct)
    {
        for (var hops = 0; hops < LongestChain && AliasIn(answer, query.Type) is { } target; hops++)
        {
            var next = Known(target, query.Type) ?? await AskAsync(query.About(target), ct).ConfigureAwait(false);
            answer = answer with
            {
                Status = next.Status,
                IsAuthoritative = false,
                Records = answer.Records.AddRange(next.Records),
                Authority = next.Authority,
            };
            if (next.Records.IsEmpty)
            {
                break;
            }
        }

        return answer;
    }

    private async Task<DnsAnswer> AskAsync(DnsQuery query, CancellationToken ct)
    {
        if (!forwarder.TryGetKept(query, out var reply, out var age))
        {
            age = 0;
            reply = (await forwarder.AskAsync(query, ct).ConfigureAwait(false))!;
        }

        return reply is null
            ? DnsAnswer.Of(DnsStatus.ServerFailure)
            : DnsAnswer.Of(reply.Status) with { Records = [.. reply.Records(age)] };
    }
}
