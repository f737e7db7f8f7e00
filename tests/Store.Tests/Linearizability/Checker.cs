using System.Collections;

namespace Sealos.Store.Tests.Linearizability;

/// <summary>
/// Whether a concurrent history can be explained by each call having happened at one moment between its call and its answer. The search
/// of Wing and Gong, with Lowe's memory of what was tried; keys are independent, so each is judged alone. A call without an answer is
/// explained wherever it fits, or left out.
/// </summary>
internal static class Checker
{
    /// <summary>A key whose history cannot be explained; null when all can.</summary>
    public static string? FindViolation(IEnumerable<IOperation> history) =>
        history.GroupBy(o => o.Key).FirstOrDefault(g => !IsLinearizable([.. g.OrderBy(o => o.Called)]))?.Key;

    private static bool IsLinearizable(IOperation[] operations)
    {
        var tried = new HashSet<string>();
        var path = new Stack<(int Index, KeyState Before)>();
        var done = new BitArray(operations.Length);
        var state = default(KeyState);
        var next = 0;
        var open = operations.Count(o => !o.IsUncertain);
        while (open > 0)
        {
            var found = Next(operations, done, state, tried, next);
            if (found is { } step)
            {
                path.Push((step.Index, state));
                done[step.Index] = true;
                open -= operations[step.Index].IsUncertain ? 0 : 1;
                state = step.After;
                next = 0;
                continue;
            }

            if (!path.TryPop(out var last))
            {
                return false;
            }

            done[last.Index] = false;
            open += operations[last.Index].IsUncertain ? 0 : 1;
            state = last.Before;
            next = last.Index + 1;
        }

        return true;
    }

    /// <summary>The next call, from <paramref name="from"/> on, that may take effect now: nothing open was answered before it was made.</summary>
    private static (int Index, KeyState After)? Next(IOperation[] operations, BitArray done, KeyState state, HashSet<string> tried, int from)
    {
        var firstAnswer = long.MaxValue;
        var lastCall = LastCall(operations, done);
        for (var i = 0; i < operations.Length && operations[i].Called < firstAnswer; i++)
        {
            if (done[i])
            {
                continue;
            }

            // What has no answer holds nobody up, but is out of time once something later has happened.
            var operation = operations[i];
            firstAnswer = operation.IsUncertain ? firstAnswer : Math.Min(firstAnswer, operation.Answered);
            if (i < from || (operation.IsUncertain && operation.Answered < lastCall) || operation.Apply(state) is not { } after)
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

    private static long LastCall(IOperation[] operations, BitArray done)
    {
        for (var i = operations.Length - 1; i >= 0; i--)
        {
            if (done[i])
            {
                return operations[i].Called;
            }
        }

        return 0;
    }

    private static string Describe(BitArray done, KeyState state)
    {
        var words = new int[(done.Length + 31) / 32];
        done.CopyTo(words, 0);
        return $"{state.Revision} {state.Value} {state.Newest} {string.Join(' ', words)}";
    }
}
