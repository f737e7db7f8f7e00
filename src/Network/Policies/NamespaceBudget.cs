namespace Sealos.Network.Policies;

/// <summary>
/// How much of the kernel's table each namespace takes. Policies that are small one by one multiply with each other and with pods;
/// what goes beyond is not put in force, and its pods are isolated until there is room again.
/// </summary>
/// <param name="most">What one namespace may take: an element is one, a rule counts by its length.</param>
internal sealed class NamespaceBudget(int most)
{
    /// <summary>What one namespace may take unless said otherwise.</summary>
    public const int Most = 200_000;

    // A rule with a set of addresses in it takes as much as that many elements.
    private const int RuleLengthOfAnElement = 16;

    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<PolicyClass>> _cut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _relieved = new(StringComparer.Ordinal);

    /// <summary>What a single class may hold at most.</summary>
    public int MostOfClass => most;

    /// <summary>Namespaces some of whose policies are not in force.</summary>
    public IReadOnlyCollection<string> Exhausted => _cut.Keys;

    /// <summary>The content that a class gets: what it asks for where its namespace has room for it, else nothing.</summary>
    public ClassContent Fit(PolicyClass @class, ClassContent wanted)
    {
        var ns = @class.Namespace;
        var others = _taken.GetValueOrDefault(ns) - SizeOf(@class.Content);
        var isCut = wanted.IsCut || others + SizeOf(wanted) > most;
        var given = isCut ? ClassContent.Nothing : wanted;
        if (SizeOf(given) < SizeOf(@class.Content))
        {
            _relieved.Add(ns);
        }

        Take(ns, others + SizeOf(given));
        Note(@class, isCut);
        return given;
    }

    /// <summary>Classes that got nothing, and whose namespace has room again since they were last asked for.</summary>
    public List<PolicyClass> TakeRelieved()
    {
        var result = _relieved.SelectMany(ns => _cut.GetValueOrDefault(ns) ?? []).ToList();
        _relieved.Clear();
        return result;
    }

    private void Take(string ns, long size)
    {
        if (size == 0)
        {
            _taken.Remove(ns);
        }
        else
        {
            _taken[ns] = size;
        }
    }

    private void Note(PolicyClass @class, bool isCut)
    {
        if (isCut)
        {
            if (!_cut.TryGetValue(@class.Namespace, out var classes))
            {
                _cut[@class.Namespace] = classes = [];
            }

            classes.Add(@class);
        }
        else if (_cut.TryGetValue(@class.Namespace, out var classes) && classes.Remove(@class) && classes.Count == 0)
        {
            _cut.Remove(@class.Namespace);
        }
    }

    private static long SizeOf(ClassContent content) => content.Elements.Count + content.Rules.Sum(r => 1L + (r.Length / RuleLengthOfAnElement));
}
