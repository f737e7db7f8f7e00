namespace Sealos.Host.Components;

/// <summary>Who needs whom. Pure.</summary>
internal static class ComponentGraph
{
    /// <summary>What has to run: all that is enabled, and whatever that needs.</summary>
    public static HashSet<string> Wanted(IReadOnlyList<ComponentInfo> catalog, Func<ComponentInfo, bool> isEnabled)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var component in catalog.Reverse())
        {
            if (isEnabled(component) || catalog.Any(c => wanted.Contains(c.Name) && c.Needs.Contains(component.Name)))
            {
                wanted.Add(component.Name);
            }
        }

        return wanted;
    }

    /// <summary>The components that need one, themselves or through others, in the order of the catalog.</summary>
    public static IReadOnlyList<string> NeededBy(IReadOnlyList<ComponentInfo> catalog, string name)
    {
        var found = new HashSet<string>(StringComparer.Ordinal) { name };
        return [.. catalog.Where(c => c.Needs.Any(found.Contains) && found.Add(c.Name)).Select(c => c.Name)];
    }

    /// <summary>The components that one needs, itself or through others, in the order of the catalog.</summary>
    public static IReadOnlyList<string> NeedsOf(IReadOnlyList<ComponentInfo> catalog, string name)
    {
        var wanted = Wanted(catalog, c => c.Name == name);
        return [.. catalog.Select(c => c.Name).Where(n => n != name && wanted.Contains(n))];
    }
}
