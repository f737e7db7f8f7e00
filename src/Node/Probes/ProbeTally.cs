namespace Sealos.Node.Probes;

/// <summary>Counts looks until there are enough in a row for a verdict. Pure.</summary>
internal sealed class ProbeTally(bool? verdict, int failureThreshold, int successThreshold)
{
    private bool? _last;
    private int _run;

    /// <summary>The verdict; null while there is none.</summary>
    public bool? Verdict { get; private set; } = verdict;

    /// <summary>Adds a look; true when it changed the verdict.</summary>
    public bool Add(bool isSuccess)
    {
        _run = _last == isSuccess ? _run + 1 : 1;
        _last = isSuccess;
        if (_run < (isSuccess ? successThreshold : failureThreshold) || Verdict == isSuccess)
        {
            return false;
        }

        Verdict = isSuccess;
        return true;
    }
}
