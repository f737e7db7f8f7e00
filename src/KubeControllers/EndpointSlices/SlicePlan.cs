using Sealos.Kinds.Discovery;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>What to write so that the slices hold the endpoints wanted.</summary>
internal sealed record SlicePlan(List<SliceContent> Create, List<SliceContent> Update, List<EndpointSlice> Delete)
{
    /// <summary>The most endpoints in a slice.</summary>
    public const int Capacity = 100;

    /// <summary>
    /// Keeps endpoints in the slices they are in, fills what has room, and reuses emptied slices, so that a change of one pod
    /// writes one slice. A Service without endpoints keeps one empty slice.
    /// </summary>
    public static SlicePlan Make(IReadOnlyList<EndpointSlice> known, IReadOnlyList<EndpointGroup> groups)
    {
        var contents = new List<SliceContent>();
        var free = known.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        var missing = new List<(EndpointGroup Group, List<Endpoint> Endpoints)>();
        foreach (var group in groups)
        {
            var key = ServiceBackends.Key(group.Ports);
            var own = free.FindAll(s => ServiceBackends.Key(s.Ports) == key);
            free.RemoveAll(own.Contains);
            var rest = group.Endpoints.ToDictionary(Identity, StringComparer.Ordinal);
            var kept = own.ConvertAll(s => Keep(s, group, rest));
            Fill(kept, rest);
            free.AddRange(kept.Where(c => c.Endpoints.Count == 0).Select(c => c.Known!));
            contents.AddRange(kept.Where(c => c.Endpoints.Count > 0));
            missing.Add((group, [.. rest.Values]));
        }

        foreach (var (group, endpoints) in missing)
        {
            contents.AddRange(endpoints.Chunk(Capacity).Select(chunk => new SliceContent(TakeFirst(free), group.Ports, [.. chunk])));
        }

        if (contents.Count == 0)
        {
            contents.Add(new SliceContent(TakeFirst(free), null, []));
        }

        return new SlicePlan(contents.FindAll(c => c.Known is null), contents.FindAll(c => c.Known is not null), free);
    }

    private static SliceContent Keep(EndpointSlice slice, EndpointGroup group, Dictionary<string, Endpoint> rest)
    {
        var endpoints = new List<Endpoint>();
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            if (rest.Remove(Identity(endpoint), out var wanted))
            {
                endpoints.Add(wanted);
            }
        }

        return new SliceContent(slice, group.Ports, endpoints);
    }

    // Slices that are to be written anyway are filled first.
    private static void Fill(List<SliceContent> kept, Dictionary<string, Endpoint> rest)
    {
        foreach (var content in kept.OrderByDescending(c => c.HasChanged))
        {
            foreach (var (identity, endpoint) in rest.Take(Math.Max(0, Capacity - content.Endpoints.Count)).ToList())
            {
                content.Endpoints.Add(endpoint);
                rest.Remove(identity);
            }
        }
    }

    private static EndpointSlice? TakeFirst(List<EndpointSlice> free)
    {
        var first = free.FirstOrDefault();
        free.Remove(first!);
        return first;
    }

    private static string Identity(Endpoint endpoint) => endpoint.TargetRef?.Uid ?? endpoint.Addresses?.FirstOrDefault() ?? "";
}

/// <summary>What a slice should hold; <paramref name="Known"/> is null for one that is still to be made.</summary>
internal sealed record SliceContent(EndpointSlice? Known, List<EndpointPort>? Ports, List<Endpoint> Endpoints)
{
    /// <summary>Whether it differs from what the slice holds now.</summary>
    public bool HasChanged => Known is null || ServiceBackends.Key(Known.Ports) != ServiceBackends.Key(Ports)
        || (Known.Endpoints?.Count ?? 0) != Endpoints.Count || !Endpoints.Zip(Known.Endpoints ?? []).All(p => JsonSame.As(p.First, p.Second));
}
