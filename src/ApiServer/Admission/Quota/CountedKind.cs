using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Quota;

/// <summary>A kind whose objects quotas can count, and what each object counts for.</summary>
internal sealed class CountedKind
{
    public static readonly Quantity One = Quantity.FromLong(1);

    // Kinds that quotas could name before every kind had a name of the form count/….
    private static readonly string[] OldNames = ["configmaps", "replicationcontrollers", "resourcequotas", "secrets"];

    private readonly ObjectUsage? _always;
    private readonly Func<JsonObject, DateTimeOffset, ObjectUsage>? _measure;

    public CountedKind(Resource resource)
    {
        Cache = resource.Cache;
        CountName = resource.Group.Length == 0 ? $"count/{resource.Plural}" : $"count/{resource.Plural}.{resource.Group}";
        (_measure, JudgesUpdates) = (resource.Group, resource.Plural) switch
        {
            ("", "pods") => ((Func<JsonObject, DateTimeOffset, ObjectUsage>?)PodUsage.Measure, false),
            ("", "services") => ((obj, _) => ServiceUsage.Measure(obj), true),
            ("", "persistentvolumeclaims") => ((obj, _) => ClaimUsage.Measure(obj), true),
            _ => (null, false),
        };
        if (_measure is null)
        {
            var amounts = new Dictionary<string, Quantity>(StringComparer.Ordinal) { [CountName] = One };
            if (resource.Group.Length == 0 && OldNames.Contains(resource.Plural))
            {
                amounts[resource.Plural] = One;
            }

            _always = new ObjectUsage(amounts);
        }
    }

    /// <summary>The objects; another cache once the kind's was replaced.</summary>
    public KindCache Cache
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>Whether the kind is no more.</summary>
    public bool IsGone { get; set; }

    /// <summary>The name quotas count any kind by, such as <c>count/deployments.apps</c>.</summary>
    public string CountName { get; }

    /// <summary>Whether an update can ask for more.</summary>
    public bool JudgesUpdates { get; }

    /// <summary>Kinds that are counted at all: what is stored in a namespace, but for Events, which come and go by themselves.</summary>
    public static bool Includes(Resource resource) => resource is { IsStored: true, IsNamespaced: true, Plural: not "events" };

    /// <summary>Whether a quota limits something that this kind counts for, as far as its names tell.</summary>
    public bool ConcernsAny(IReadOnlyDictionary<string, Quantity> hard) => _always is null || _always.Amounts.Keys.Any(hard.ContainsKey);

    public ObjectUsage Measure(JsonObject obj, DateTimeOffset now) => _always ?? _measure!(obj, now);

    public ObjectUsage Measure(CachedObject cached, DateTimeOffset now) => _always ?? _measure!(cached.Parse(), now);
}

/// <summary>What a Service counts for.</summary>
internal static class ServiceUsage
{
    public static ObjectUsage Measure(JsonObject service)
    {
        var spec = service.Child("spec");
        var ports = spec.Objects("ports").ToList();
        var (nodePorts, balancers) = spec.Text("type") switch
        {
            "NodePort" => (ports.Count, 0),
            "LoadBalancer" when spec.Flag("allocateLoadBalancerNodePorts") == false => (ports.Count(p => p.Number("nodePort") > 0), 1),
            "LoadBalancer" => (ports.Count, 1),
            _ => (0, 0),
        };
        return new ObjectUsage(new Dictionary<string, Quantity>(StringComparer.Ordinal)
        {
            ["count/services"] = CountedKind.One,
            ["services"] = CountedKind.One,
            ["services.nodeports"] = Quantity.FromLong(nodePorts),
            ["services.loadbalancers"] = Quantity.FromLong(balancers),
        });
    }
}

/// <summary>What a claim of storage counts for, in all and within its class.</summary>
internal static class ClaimUsage
{
    private const string Claims = "persistentvolumeclaims";
    private const string Storage = "requests.storage";
    private const string OldClass = "volume.beta.kubernetes.io/storage-class";

    public static ObjectUsage Measure(JsonObject claim)
    {
        var amounts = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["count/persistentvolumeclaims"] = CountedKind.One, [Claims] = CountedKind.One };
        var spec = claim.Child("spec");
        var ofClass = claim.Child("metadata", "annotations").Text(OldClass) ?? spec.Text("storageClassName") ?? "";
        if (ofClass.Length > 0)
        {
            amounts[$"{ofClass}.storageclass.storage.k8s.io/{Claims}"] = CountedKind.One;
        }

        if (Quantity.TryParse(spec.Child("resources", "requests").Text("storage"), out var size))
        {
            amounts[Storage] = size;
            if (ofClass.Length > 0)
            {
                amounts[$"{ofClass}.storageclass.storage.k8s.io/{Storage}"] = size;
            }
        }

        return new ObjectUsage(amounts);
    }
}
