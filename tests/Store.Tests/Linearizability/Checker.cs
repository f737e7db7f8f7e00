using System.Collections;

namespace Sealos.Store.Tests.Linearizability;

/// <summary>
/// Whether a concurrent history can be explained by each call having happened at one moment between its call and its answer. The search
/// of Wing and Gong, with Lowe's memory of what was tried; keys are independent, so each is judged alone.
/// </summary>
internal static class Checker
{
    /// <summary>A key whose history cannot be explained; null when all can.</summary>
    public static string? FindViolation(IEnumerable<Operation> history) =>
        history.GroupBy(o => o.Key).FirstOrDefault(g => !IsLinearizable([.. g.OrderBy(o => o.Called)]))?.Key;

    private static bool IsLinearizable(Operation[] operations)
    {
        var tried = new HashSet<string>();
        var path = new Stack<(int Index, KeyState Before)>();
        var done = new BitArray(operations.Length);
        var state = default(KeyState);
        var next = 0;
        while (path.Count < operations.Length)
        {
            var found = Next(operations, done, state, tried, next);
            if (found is { } step)
            {
                path.Push((step.Index, state));
                done[step.Index] = true;
                state = step.After;
                next = 0;
                continue;
            }

            if (!path.TryPop(out var last))
            {
                return false;
            }

            done[last.Index] = false;
            state = last.Before;
            next = last.Index + 1;
        }

        return true;
    }

    /// <summary>The next call, from <paramref name="from"/> on, that may take effect now: nothing open was answered before it was made.</summary>
    private static (int Index, KeyState After)? Next(Operation[] operations, BitArray done, KeyState state, HashSet<string> tried, int from)
    {
        var firstAnswer = long.MaxValue;
        for (var i = 0; i < operations.Length && operations[i].Called < firstAnswer; i++)
        {
            if (done[i])
            {
                continue;
            }

            firstAnswer = Math.Min(firstAnswer, operations[i].Answered);
            if (i < from || operations[i].Apply(state) is not { } after)
            {
                continue;
            }

            done[i] = true;
            var isNew = tried.Add(Describe(done, after));
            done[i] = false;
            if (isNew)
            {
                return (i, after);
            }
        }

        return null;
    }

    private static string Describe(BitArray done, KeyState state)
    {
        var words = new int[(done.Length + 31) / 32];
        done.CopyTo(words, 0);
        return $"{state.Revision} {state.Value} {state.Newest} {string.Join(' ', words)}";
    }
}
