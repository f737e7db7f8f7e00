namespace Sealos.ApiServer.Fairness;

/// <summary>How many requests are worked on side by side, and how many may wait.</summary>
internal sealed record FairGateOptions
{
    /// <summary>Requests that are worked on.</summary>
    public int Seats { get; init; } = 256;

    /// <summary>Of these, the most that one flow has.</summary>
    public int SeatsAFlow { get; init; } = 64;

    /// <summary>Requests of one flow that wait for a seat.</summary>
    public int WaitingAFlow { get; init; } = 512;

    /// <summary>Requests of all flows that wait.</summary>
    public int Waiting { get; init; } = 4096;

    /// <summary>How long one waits at most.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Watches and streams that one flow has open.</summary>
    public int OpenAFlow { get; init; } = 1000;
}

/// <summary>
/// Lets requests through so that one flow of them, that is one user's or one namespace's, cannot starve another: each has a
/// share of the seats at most, and where seats are scarce those that wait get them in turn. What finds no room to wait is
/// told to come again.
/// </summary>
internal sealed class FairGate(FairGateOptions options, TimeProvider time)
{
    // What is only open takes no seat.
    private const int OpenWidth = 0;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Flow> _flows = new(StringComparer.Ordinal);

    // Flows with requests that wait, each once, in the order in which they get their next seat.
    private readonly LinkedList<Flow> _turns = [];
    private int _running;
    private int _waiting;

    /// <summary>Waits for a seat, or for as many side by side as a request is wide; disposing of it gives it back.</summary>
    /// <exception cref="ApiException">There is no room to wait, or it took too long.</exception>
    public async ValueTask<Seat> EnterAsync(string name, CancellationToken cancellationToken, int width = 1)
    {
        width = Math.Min(width, Math.Min(options.SeatsAFlow, options.Seats));
        Waiter waiter;
        Flow flow;
        lock (_lock)
        {
            flow = FlowOf(name);
            if (flow.Waiters.Count == 0 && _running + width <= options.Seats && flow.Running + width <= options.SeatsAFlow)
            {
                Take(flow, width);
                return new Seat(this, flow, width);
            }

            if (flow.Waiters.Count >= options.WaitingAFlow || _waiting >= options.Waiting)
            {
                throw TooMany();
            }

            waiter = new Waiter(width);
            flow.Waiters.AddLast(waiter);
            _waiting++;
            if (flow.Waiters.Count == 1)
            {
                _turns.AddLast(flow);
            }
        }

        try
        {
            await waiter.Granted.Task.WaitAsync(options.Patience, time, cancellationToken).ConfigureAwait(false);
            return new Seat(this, flow, width);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            GiveUp(flow, waiter);
            throw e is TimeoutException ? TooMany() : e;
        }
    }

    /// <summary>Counts a watch or a stream, which takes no seat but memory.</summary>
    /// <exception cref="ApiException">The flow has as many open as it may.</exception>
    public Seat Open(string name)
    {
        lock (_lock)
        {
            var flow = FlowOf(name);
            if (flow.Open >= options.OpenAFlow)
            {
                throw TooMany();
            }

            flow.Open++;
            return new Seat(this, flow, OpenWidth);
        }
    }

    /// <summary>Gives a seat to others while its holder only waits for a client to read; it counts as open from then on. Null when the flow has too many of these.</summary>
    public Seat? Rest(Seat seat)
    {
        var flow = (Flow)seat.Flow!;
        lock (_lock)
        {
            if (flow.Open >= options.OpenAFlow)
            {
                return null;
            }

            flow.Open++;
        }

        Leave(flow, seat.Width);
        return new Seat(this, flow, OpenWidth);
    }

    private static ApiException TooMany() =>
        new(429, "TooManyRequests", "Too many requests, please try again later.") { Details = new StatusDetails { RetryAfterSeconds = 1 } };

    private Flow FlowOf(string name)
    {
        if (!_flows.TryGetValue(name, out var flow))
        {
            flow = new Flow(name);
            _flows.Add(name, flow);
        }

        return flow;
    }

    private void Take(Flow flow, int width)
    {
        flow.Running += width;
        _running += width;
    }

    private void Leave(Flow flow, int width)
    {
        lock (_lock)
        {
            if (width == OpenWidth)
            {
                flow.Open--;
            }
            else
            {
                flow.Running -= width;
                _running -= width;
                GrantNext();
            }

            Forget(flow);
        }
    }

    private void GrantNext()
    {
        for (var node = _turns.First; node is not null && _running < options.Seats;)
        {
            var flow = node.Value;
            var next = node.Next;
            var waiter = flow.Waiters.First!.Value;
            if (flow.Running + waiter.Width <= options.SeatsAFlow)
            {
                if (_running + waiter.Width > options.Seats)
                {
                    // Narrower ones behind it would keep a wide one waiting for ever.
                    return;
                }

                _turns.Remove(node);
                flow.Waiters.RemoveFirst();
                _waiting--;
                if (flow.Waiters.Count > 0)
                {
                    _turns.AddLast(node);
                }

                Take(flow, waiter.Width);
                waiter.Granted.SetResult();
            }

            node = next;
        }
    }

    private void GiveUp(Flow flow, Waiter waiter)
    {
        lock (_lock)
        {
            if (!waiter.Granted.Task.IsCompleted)
            {
                flow.Waiters.Remove(waiter);
                _waiting--;
                if (flow.Waiters.Count == 0)
                {
                    _turns.Remove(flow);
                }

                // It may have been in the way of narrower ones.
                GrantNext();
                Forget(flow);
                return;
            }
        }

        // Granted at the moment it was given up.
        Leave(flow, waiter.Width);
    }

    private void Forget(Flow flow)
    {
        if (flow is { Running: 0, Open: 0, Waiters.Count: 0 })
        {
            _flows.Remove(flow.Name);
        }
    }

    /// <summary>The right to be worked on, until it is disposed of.</summary>
    internal readonly record struct Seat(FairGate? Gate, object? Flow, int Width) : IDisposable
    {
        public void Dispose() => Gate?.Leave((Flow)Flow!, Width);
    }

    private sealed class Flow(string name)
    {
        public string Name => name;

        public int Running { get; set; }

        public int Open { get; set; }

        public LinkedList<Waiter> Waiters { get; } = [];
    }

    private sealed class Waiter(int width)
    {
        public int Width => width;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
