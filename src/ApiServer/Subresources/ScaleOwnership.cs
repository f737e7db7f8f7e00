using Sealos.Objects.Ownership;

namespace Sealos.ApiServer.Subresources;

/// <summary>Who owns a workload's number of replicas, told in the terms of its scale and back.</summary>
internal sealed class ScaleOwnership
{
    private static readonly FieldSet Replicas = FieldSet.OfFields("spec.replicas");
    private static readonly PathElement[] Shown = [PathElement.Field("spec"), PathElement.Field("replicas")];

    private readonly PathElement[] _path;
    private readonly FieldSet _kept;

    private ScaleOwnership(string path)
    {
        _path = [.. path.Split('.').Select(PathElement.Field)];
        _kept = FieldSet.OfFields(path);
    }

    /// <summary>For a kind that keeps the number wanted at a path such as <c>.spec.replicas</c>.</summary>
    public static ScaleOwnership At(string path) => new(path.TrimStart('.'));

    /// <summary>The entries of those that own the number of replicas, and of it alone.</summary>
    public List<ManagedEntry> OfScale(IReadOnlyList<ManagedEntry> parent) =>
        [.. parent.Where(e => e.Fields.Contains(_path)).Select(e => e.With(Replicas)!)];

    /// <summary>The workload's entries after those of its scale changed.</summary>
    public List<ManagedEntry> OfParent(IReadOnlyList<ManagedEntry> parent, IReadOnlyList<ManagedEntry> scale, string groupVersion)
    {
        var result = new List<ManagedEntry>();
        var owners = scale.Where(e => e.Fields.Contains(Shown)).ToList();
        foreach (var entry in parent)
        {
            var stays = !entry.Fields.Contains(_path) || owners.RemoveAll(o => o.Owner.IsSame(entry.Owner)) > 0;
            if ((stays ? entry : entry.With(entry.Fields.Except(_kept))) is { } left)
            {
                result.Add(left);
            }
        }

        foreach (var owner in owners)
        {
            result.Add(new ManagedEntry(owner.Owner with { ApiVersion = groupVersion }, owner.Time, _kept));
        }

        return result;
    }
}
