using System.Text;

namespace Sealos.Network.Nft;

/// <summary>Lines of one transaction on one table.</summary>
internal sealed class NftScript(NftTable table)
{
    // Elements of one container go out together, in lines that nft's parser takes in one piece.
    private const int ElementsPerLine = 500;

    private readonly StringBuilder _text = new();

    public void AddSet(string set, string type) => _text.Append($"add set {table} {set} {{ {type}; }}\n");

    public void AddClientSet(string set) => _text.Append($"add set {table} {set} {{ type ipv4_addr; flags dynamic,timeout; }}\n");

    public void WriteChain(string chain, IEnumerable<string> rules)
    {
        _text.Append($"add chain {table} {chain}\nflush chain {table} {chain}\n");
        foreach (var rule in rules)
        {
            _text.Append($"add rule {table} {chain} {rule}\n");
        }
    }

    public void FlushChain(string chain) => _text.Append($"flush chain {table} {chain}\n");

    public void DeleteChain(string chain) => _text.Append($"delete chain {table} {chain}\n");

    public void DeleteSet(string set) => _text.Append($"delete set {table} {set}\n");

    public void DeleteElement(ElementKey key) => _text.Append($"delete element {table} {key.Container} {{ {key.Key} }}\n");

    public void AddElements(IEnumerable<PlanElement> elements)
    {
        foreach (var container in elements.GroupBy(e => e.At.Container, StringComparer.Ordinal))
        {
            foreach (var line in container.Chunk(ElementsPerLine))
            {
                var list = string.Join(", ", line.Select(e => e.Value is null ? e.At.Key : $"{e.At.Key} : {e.Value}"));
                _text.Append($"add element {table} {container.Key} {{ {list} }}\n");
            }
        }
    }

    public override string ToString() => _text.ToString();
}

/// <summary>Where an element lives: a map or set, and the key in it.</summary>
internal readonly record struct ElementKey(string Container, string Key);

/// <summary>An element of a map, or of a set when it has no value.</summary>
internal readonly record struct PlanElement(ElementKey At, string? Value);
