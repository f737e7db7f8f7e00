using Sealos.Node.Probes;
using Xunit;

namespace Sealos.Node.Tests.Probes;

public sealed class ProbeTallyTests
{
    [Theory]
    [InlineData(true, 3, 1, "fff", "..F")]
    [InlineData(true, 3, 1, "ffsfff", ".....F")]
    [InlineData(true, 1, 1, "fs", "FS")]
    [InlineData(false, 3, 2, "sss", ".S.")]
    [InlineData(false, 3, 2, "sfss", "...S")]
    [InlineData(false, 3, 1, "ffff", "....")]
    [InlineData(null, 2, 1, "ff", ".F")]
    [InlineData(null, 2, 1, "fs", ".S")]
    public void Add_Looks_ChangeTheVerdictAfterEnoughInARow(bool? first, int failures, int successes, string looks, string changes)
    {
        var tally = new ProbeTally(first, failures, successes);

        var seen = string.Concat(looks.Select(l => tally.Add(l == 's') ? (tally.Verdict == true ? 'S' : 'F') : '.'));

        Assert.Equal(changes, seen);
    }
}
