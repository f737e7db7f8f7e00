using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>Pods: their state is told by the containers, in Kubernetes' order of precedence.</summary>
internal sealed class PodPrinter
{
    private readonly JsonObject _pod;
    private readonly DateTimeOffset _now;
    private readonly HashSet<string> _sidecars;
    private string _reason;
    private long _ready;
    private Restarts _restarts;

    private PodPrinter(JsonObject pod, DateTimeOffset now)
    {
        _pod = pod;
        _now = now;
        var status = pod.Child("status");
        _reason = status.Text("reason") is { Length: > 0 } reason ? reason : status.Text("phase") ?? "";
        _sidecars = [.. pod.Child("spec").Objects("initContainers").Where(c => c.Text("restartPolicy") == "Always").Select(c => c.Text("name") ?? "")];
    }

    public static JsonNode?[] Cells(JsonObject pod, DateTimeOffset now) => new PodPrinter(pod, now).Print();

    public static JsonObject? RowCondition(JsonObject pod) => pod.Child("status").Text("phase") switch
    {
        "Succeeded" => Completed("Succeeded", "The pod has completed successfully."),
        "Failed" => Completed("Failed", "The pod failed."),
        _ => null,
    };

    private static JsonObject Completed(string reason, string message) =>
        new() { ["type"] = "Completed", ["status"] = "True", ["reason"] = reason, ["message"] = message };

    private JsonNode?[] Print()
    {
        var (spec, status) = (_pod.Child("spec"), _pod.Child("status"));
        if (Cell.Condition(_pod, "PodScheduled").Text("reason") == "SchedulingGated")
        {
            _reason = "SchedulingGated";
        }

        var isInitializing = ReadInitContainers(spec, status, out var ofSidecars);
        if (!isInitializing || Cell.IsTrue(_pod, "Initialized"))
        {
            _restarts = ofSidecars;
            ReadContainers(status);
        }

        ReadDeletion(status);
        var total = Cell.Count(spec?["containers"]) + _sidecars.Count;
        var gates = spec.Objects("readinessGates").ToList();
        return
        [
            Cell.Name(_pod),
            string.Create(CultureInfo.InvariantCulture, $"{_ready}/{total}"),
            _reason,
            _restarts.Print(_now),
            Cell.Age(_pod, _now),
            Cell.OrNone(status.Objects("podIPs").FirstOrDefault().Text("ip") ?? status.Text("podIP")),
            Cell.OrNone(spec.Text("nodeName")),
            Cell.OrNone(status.Text("nominatedNodeName")),
            gates.Count == 0 ? Cell.None : string.Create(CultureInfo.InvariantCulture, $"{gates.Count(g => Cell.IsTrue(_pod, g.Text("conditionType") ?? ""))}/{gates.Count}"),
        ];
    }

    /// <summary>Stops at the first init container that is not through; what it does is the pod's state.</summary>
    private bool ReadInitContainers(JsonObject? spec, JsonObject? status, out Restarts ofSidecars)
    {
        ofSidecars = default;
        var i = 0;
        foreach (var container in status.Objects("initContainerStatuses"))
        {
            var isSidecar = _sidecars.Contains(container.Text("name") ?? "");
            _restarts = _restarts.And(container);
            ofSidecars = isSidecar ? ofSidecars.And(container) : ofSidecars;
            var (terminated, waiting) = (container.Child("state", "terminated"), container.Child("state", "waiting"));
            var isThrough = terminated is not null && terminated.Number("exitCode") is null or 0;
            if (terminated is not null && isThrough)
            {
                i++;
                continue;
            }

            if (isSidecar && container.Flag("started") == true)
            {
                _ready += container.Flag("ready") == true ? 1 : 0;
                i++;
                continue;
            }

            _reason = terminated is not null ? "Init:" + Ended(terminated)
                : waiting.Text("reason") is { Length: > 0 } reason && reason != "PodInitializing" ? "Init:" + reason
                : string.Create(CultureInfo.InvariantCulture, $"Init:{i}/{Cell.Count(spec?["initContainers"])}");
            return true;
        }

        return false;
    }

    private void ReadContainers(JsonObject? status)
    {
        var hasRunning = false;
        foreach (var container in status.Objects("containerStatuses").Reverse())
        {
            _restarts = _restarts.And(container);
            if (container.Child("state", "waiting").Text("reason") is { Length: > 0 } waiting)
            {
                _reason = waiting;
            }
            else if (container.Child("state", "terminated") is { } terminated)
            {
                _reason = Ended(terminated);
            }
            else if (container.Flag("ready") == true && container.Child("state", "running") is not null)
            {
                hasRunning = true;
                _ready++;
            }
        }

        if (_reason == "Completed" && hasRunning)
        {
            _reason = Cell.IsTrue(_pod, "Ready") ? "Running" : "NotReady";
        }
    }

    private void ReadDeletion(JsonObject? status)
    {
        if (_pod.Child("metadata")?["deletionTimestamp"] is null)
        {
            return;
        }

        if (status.Text("reason") == "NodeLost")
        {
            _reason = "Unknown";
        }
        else if (status.Text("phase") is not ("Succeeded" or "Failed"))
        {
            _reason = "Terminating";
        }
    }

    private static string Ended(JsonObject terminated) =>
        terminated.Text("reason") is { Length: > 0 } reason ? reason
        : terminated.Number("signal") is { } signal && signal != 0 ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
        : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{terminated.Number("exitCode") ?? 0}");

    /// <summary>How often, and when last.</summary>
    private readonly record struct Restarts(long Count, DateTimeOffset? Last)
    {
        public Restarts And(JsonObject container)
        {
            var finished = KubeTime.TryParse(container.Child("lastState", "terminated").Text("finishedAt"), out var time) ? time : (DateTimeOffset?)null;
            return new Restarts(Count + (container.Number("restartCount") ?? 0), Last is null || finished > Last ? finished ?? Last : Last);
        }

        public string Print(DateTimeOffset now) => Count > 0 && Last is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"{Count} ({HumanDuration.Format(now - last)} ago)")
            : Count.ToString(CultureInfo.InvariantCulture);
    }
}
