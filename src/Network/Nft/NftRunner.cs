using System.Text;

namespace Sealos.Network.Nft;

/// <summary>Feeds scripts to <c>nft</c>; each script is one transaction: all of it applies or none.</summary>
internal sealed class NftRunner(HostCommands commands)
{
    private static readonly string[] FromInput = ["-f", "-"];

    public Task ApplyAsync(string script, CancellationToken ct) => commands.RunAsync("nft", FromInput, script, ct);

    /// <summary>Whether the table is there; others flush whole rulesets now and then.</summary>
    public async Task<bool> ExistsAsync(NftTable table, CancellationToken ct)
    {
        var tables = await commands.RunAsync("nft", ["list", "tables", table.Family], null, ct).ConfigureAwait(false);
        return tables.Split('\n').Any(line => line.Trim() == $"table {table}");
    }

    /// <summary>All the table holds, as JSON; null where there is none.</summary>
    public async Task<string?> ListAsync(NftTable table, CancellationToken ct)
    {
        var listing = await commands.TryRunAsync("nft", ["-j", "list", "table", table.Family, table.Name], null, ct).ConfigureAwait(false);
        return listing.ExitCode == 0 ? listing.Output : null;
    }

    /// <summary>The rules of some chains, as text to compare; null where there is no such table. What sets hold is not read.</summary>
    public async Task<string?> ListChainsAsync(NftTable table, IReadOnlyCollection<string> chains, CancellationToken ct)
    {
        var listing = await commands.TryRunAsync("nft", ["-t", "list", "table", table.Family, table.Name], null, ct).ConfigureAwait(false);
        if (listing.ExitCode != 0)
        {
            return null;
        }

        var (found, isIn) = (new StringBuilder(), false);
        foreach (var line in listing.Output.Split('\n').Select(l => l.Trim()))
        {
            isIn = line.StartsWith("chain ", StringComparison.Ordinal) ? chains.Contains(line.Split(' ')[1]) : isIn && line != "}";
            found.Append(isIn ? line + "\n" : "");
        }

        return found.ToString();
    }

    /// <summary>Removes the table and all it holds; nothing happens where there is none.</summary>
    public Task RemoveAsync(NftTable table, CancellationToken ct) => ApplyAsync($"{table.Replace()}", ct);
}

/// <summary>A table's family and name. Each table belongs to one component, which alone writes and rebuilds it.</summary>
internal readonly record struct NftTable(string Family, string Name)
{
    /// <summary>Lines that drop whatever the table held; deleting needs it to exist, hence the add.</summary>
    public string Replace() => $"add table {this}\ndelete table {this}\n";

    /// <summary>A line that takes the rules out of all its chains.</summary>
    public string Flush() => $"flush table {this}\n";

    public override string ToString() => $"{Family} {Name}";
}
