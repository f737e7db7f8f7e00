using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Fills in what containers leave unsaid, and refuses pods and claims that go beyond their namespace's limits.</summary>
internal sealed class LimitRanger(KindCache limitRanges) : AdmissionPlugin
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation == Operation.Create && attributes.Concerns("", "pods"))
        {
            foreach (var range in RangesOf(attributes.Namespace))
            {
                SetDefaults(attributes.Object!, range);
            }
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var isPod = (attributes.Operation == Operation.Create && attributes.Concerns("", "pods")) || IsResize(attributes);
        var isClaim = attributes.Operation is Operation.Create or Operation.Update && attributes.Concerns("", "persistentvolumeclaims")
            && attributes.OldObject.Child("metadata").Text("deletionTimestamp") is null;
        if (!isPod && !isClaim)
        {
            return ValueTask.CompletedTask;
        }

        foreach (var range in RangesOf(attributes.Namespace))
        {
            var limits = range.Child("spec").Objects("limits");
            var refusals = limits.SelectMany(limit => isPod ? JudgePod(limit, attributes.Object.Child("spec")) : JudgeClaim(limit, attributes.Object.Child("spec"))).Distinct().ToList();
            if (refusals.Count > 0)
            {
                throw attributes.Forbidden(refusals.Count == 1 ? refusals[0] : $"[{string.Join(", ", refusals)}]");
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsResize(AdmissionAttributes attributes) => attributes is { Operation: Operation.Update, Subresource: "resize", Resource: { Group: "", Plural: "pods" } };

    private List<JsonObject> RangesOf(string @namespace)
    {
        using var list = limitRanges.List(@namespace);
        var ranges = new List<JsonObject>(list.Count);
        foreach (var range in list.Items)
        {
            ranges.Add(range.Parse());
        }

        return ranges;
    }

    private static void SetDefaults(JsonObject pod, JsonObject range)
    {
        var (requests, limits) = (new JsonObject(), new JsonObject());
        foreach (var limit in range.Child("spec").Objects("limits").Where(l => l.Text("type") == "Container"))
        {
            Copy(limit.Child("defaultRequest"), requests);
            Copy(limit.Child("default"), limits);
        }

        var told = new List<string>();
        foreach (var (list, what) in (ReadOnlySpan<(string, string)>)[("containers", "container"), ("initContainers", "init container")])
        {
            foreach (var container in pod.Child("spec").Objects(list))
            {
                Tell(container, "requests", requests, $"request for {what}", told);
                Tell(container, "limits", limits, $"limit for {what}", told);
            }
        }

        if (told.Count > 0)
        {
            var metadata = pod.Child("metadata")!;
            if (metadata["annotations"] is not JsonObject annotations)
            {
                annotations = [];
                metadata["annotations"] = annotations;
            }

            annotations[Annotation] = $"LimitRanger plugin set: {string.Join("; ", told)}";
        }
    }

    private static void Copy(JsonObject? from, JsonObject to)
    {
        foreach (var (name, amount) in from ?? [])
        {
            to[name] = amount?.DeepClone();
        }
    }

    private static void Tell(JsonObject container, string list, JsonObject defaults, string what, List<string> told)
    {
        if (container["resources"] is not JsonObject resources)
        {
            resources = [];
            container["resources"] = resources;
        }

        if (resources[list] is not JsonObject amounts)
        {
            amounts = [];
        }

        var set = defaults.Where(d => !amounts.ContainsKey(d.Key)).OrderBy(d => d.Key, StringComparer.Ordinal).ToList();
        if (set.Count == 0)
        {
            return;
        }

        foreach (var (name, amount) in set)
        {
            amounts[name] = amount?.DeepClone();
        }

        resources[list] ??= amounts;
        told.Add($"{string.Join(", ", set.Select(s => s.Key))} {what} {container.Text("name")}");
    }

    private static IEnumerable<string> JudgePod(JsonObject limit, JsonObject? spec) => limit.Text("type") switch
    {
        "Container" => spec.Objects("containers").Concat(spec.Objects("initContainers"))
            .SelectMany(c => Judge(limit, PodAmounts.Of(c, "requests"), PodAmounts.Of(c, "limits"))),
        "Pod" => Judge(limit, PodAmounts.Requests(spec, withOverhead: false), PodAmounts.Limits(spec, withOverhead: false)),
        _ => [],
    };

    private static IEnumerable<string> Judge(JsonObject limit, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits)
    {
        var type = limit.Text("type")!;
        return Each(limit, "min", (name, min) => Min(type, name, min, Find(requests, name), Find(limits, name)))
            .Concat(Each(limit, "max", (name, max) => Max(type, name, max, Find(requests, name), Find(limits, name))))
            .Concat(Each(limit, "maxLimitRequestRatio", (name, ratio) => Ratio(type, name, ratio, Find(requests, name), Find(limits, name))));
    }

    private static IEnumerable<string> JudgeClaim(JsonObject limit, JsonObject? spec)
    {
        const string Claim = "PersistentVolumeClaim";
        if (limit.Text("type") != Claim)
        {
            return [];
        }

        var requests = PodAmounts.Read(spec.Child("resources", "requests"));
        return Each(limit, "min", (name, min) => Min(Claim, name, min, Find(requests, name), null))
            .Concat(Each(limit, "max", (name, max) => Find(requests, name) is not { } request ? $"maximum {name} usage per {Claim} is {max}.  No request is specified" : TooMuch(Claim, name, max, "request", request)));
    }

    private static IEnumerable<string> Each(JsonObject limit, string list, Func<string, Quantity, string?> judge) =>
        PodAmounts.Read(limit.Child(list)).Select(amount => judge(amount.Key, amount.Value)).OfType<string>();

    private static Quantity? Find(Dictionary<string, Quantity> amounts, string name) => amounts.TryGetValue(name, out var amount) ? amount : null;

    private static string? Min(string type, string name, Quantity min, Quantity? request, Quantity? limit)
    {
        var text = $"minimum {name} usage per {type} is {min.ToCanonicalString()}";
        return request is not { } asked ? $"{text}.  No request is specified"
            : asked.Value < min.Value ? $"{text}, but request is {asked.ToCanonicalString()}"
            : limit is { } allowed && allowed.Value < min.Value ? $"{text}, but limit is {allowed.ToCanonicalString()}"
            : null;
    }

    private static string? Max(string type, string name, Quantity max, Quantity? request, Quantity? limit) =>
        limit is not { } allowed ? $"maximum {name} usage per {type} is {max.ToCanonicalString()}.  No limit is specified"
            : TooMuch(type, name, max, "limit", allowed) ?? (request is { } asked ? TooMuch(type, name, max, "request", asked) : null);

    private static string? TooMuch(string type, string name, Quantity max, string what, Quantity amount) =>
        amount.Value > max.Value ? $"maximum {name} usage per {type} is {max.ToCanonicalString()}, but {what} is {amount.ToCanonicalString()}" : null;

    private static string? Ratio(string type, string name, Quantity ratio, Quantity? request, Quantity? limit)
    {
        var text = $"{name} max limit to request ratio per {type} is {ratio.ToCanonicalString()}";
        if (request is not { Value: not 0 } asked)
        {
            return $"{text}, but no request is specified or request is 0";
        }

        if (limit is not { Value: not 0 } allowed)
        {
            return $"{text}, but no limit is specified or limit is 0";
        }

        var actual = allowed.Value / asked.Value;
        return actual > ratio.Value ? $"{text}, but provided ratio is {actual.ToString("F6", CultureInfo.InvariantCulture)}" : null;
    }
}
