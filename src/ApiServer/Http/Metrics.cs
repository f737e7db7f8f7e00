using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Sealos.ApiServer.Registry;

namespace Sealos.ApiServer.Http;

/// <summary>Counts requests and their durations for <c>/metrics</c>.</summary>
internal sealed class Metrics(ResourceRegistry registry)
{
    private static readonly double[] Buckets = [0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    // Dashboards and alerts ask for the names that Kubernetes counts under, most of which are HTTP's. What goes through to a pod is
    // not the API's own answer, and applying is not patching.
    private static readonly FrozenDictionary<string, string> Verbs = new Dictionary<string, string>
    {
        ["get"] = "GET",
        ["head"] = "GET",
        ["list"] = "LIST",
        ["watch"] = "WATCH",
        ["create"] = "POST",
        ["post"] = "POST",
        ["update"] = "PUT",
        ["patch"] = "PATCH",
        ["delete"] = "DELETE",
        ["deletecollection"] = "DELETECOLLECTION",
    }.ToFrozenDictionary();

    private readonly ConcurrentDictionary<(string Verb, string Group, string Resource, int Code), Counter> _requests = new();
    private readonly List<Action<StringBuilder>> _others = [];
    private readonly ConcurrentDictionary<string, Histogram> _durations = new(StringComparer.Ordinal);

    /// <summary>Counts an answered request; long-running ones have no duration.</summary>
    public void Observe(RequestInfo info, bool isApply, int code, TimeSpan? duration)
    {
        // Anyone can ask for anything: only names that are served become labels.
        var isServed = info.IsResource && registry.Find(info.Group, info.Version, info.Plural!) is not null;
        var (group, plural) = isServed ? (info.Group, info.Plural!) : ("", "");
        var verb = isServed && info.Subresource is "exec" or "attach" or "portforward" or "proxy" ? "CONNECT" : isApply && info.Verb == "patch" ? "APPLY" : Verbs.GetValueOrDefault(info.Verb, "other");
        _requests.GetOrAdd((verb, group, plural, code), static _ => new Counter()).Increment();
        if (duration is { } elapsed)
        {
            _durations.GetOrAdd(verb, static _ => new Histogram()).Observe(elapsed.TotalSeconds);
        }
    }

    /// <summary>Adds what another part counts.</summary>
    public void Add(Action<StringBuilder> write) => _others.Add(write);

    public void Write(StringBuilder text)
    {
        _others.ForEach(write => write(text));
        text.Append("# TYPE apiserver_request_total counter\n");
        foreach (var ((verb, group, resource, code), counter) in _requests.OrderBy(p => p.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_request_total{{verb=\"{verb}\",group=\"{group}\",resource=\"{resource}\",code=\"{code}\"}} {counter.Value}\n");
        }

        text.Append("# TYPE apiserver_request_duration_seconds histogram\n");
        foreach (var (verb, histogram) in _durations.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            histogram.Write(text, verb);
        }
    }

    private sealed class Counter
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Increment() => Interlocked.Increment(ref _value);
    }

    private sealed class Histogram
    {
        private readonly long[] _counts = new long[Buckets.Length + 1];
        private long _microseconds;

        public void Observe(double seconds)
        {
            var bucket = 0;
            while (bucket < Buckets.Length && seconds > Buckets[bucket])
            {
                bucket++;
            }

            Interlocked.Increment(ref _counts[bucket]);
            Interlocked.Add(ref _microseconds, (long)(seconds * 1_000_000));
        }

        public void Write(StringBuilder text, string verb)
        {
            var total = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                total += Interlocked.Read(ref _counts[i]);
                var limit = i < Buckets.Length ? Buckets[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"apiserver_request_duration_seconds_bucket{{verb=\"{verb}\",le=\"{limit}\"}} {total}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"apiserver_request_duration_seconds_sum{{verb=\"{verb}\"}} {Interlocked.Read(ref _microseconds) / 1e6}\n");
            text.Append(CultureInfo.InvariantCulture, $"apiserver_request_duration_seconds_count{{verb=\"{verb}\"}} {total}\n");
        }
    }
}
