using Sealos.Host.Configuration;

namespace Sealos.Host.Components;

/// <summary>What a new cloud has, as <c>sealos up --with</c> and <c>--without</c> said. Pure.</summary>
public static class ComponentChoice
{
    /// <summary>Whether a new cloud has a component.</summary>
    public static bool HasAtFirst(this CloudOptions options, ComponentInfo info) =>
        Names(options.With).Contains(info.Name) || (info.IsOnByDefault && !Names(options.Without).Contains(info.Name) && (info.IsOfKernel || !options.KernelOnly));

    /// <summary>Everything that is wrong with the choice, each with the option's name.</summary>
    public static IEnumerable<string> Validate(CloudOptions options)
    {
        foreach (var (option, names) in new[] { ("--with", Names(options.With)), ("--without", Names(options.Without)) })
        {
            foreach (var name in names.Where(n => ComponentCatalog.Find(n) is null))
            {
                yield return $"{option}: there is no component '{name}'; there are {string.Join(", ", ComponentCatalog.All.Select(c => c.Name))}";
            }
        }

        foreach (var name in Names(options.Without))
        {
            var needing = ComponentGraph.NeededBy(ComponentCatalog.All, name).Where(n => options.HasAtFirst(ComponentCatalog.Find(n)!)).ToList();
            if (Names(options.With).Contains(name))
            {
                yield return $"--without: '{name}' stands in --with, too";
            }
            else if (needing.Count > 0)
            {
                yield return $"--without: {string.Join(", ", needing)} cannot run without {name}; say --without {string.Join(',', Names(options.Without).Union(needing))}";
            }
        }
    }

    private static string[] Names(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
