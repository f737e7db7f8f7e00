using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Defaults;

/// <summary>Which kinds have defaults that depend on other fields, and the small ones of them.</summary>
internal static class KindDefaults
{
    private static readonly Dictionary<(string Group, string Kind), Action<JsonObject>> Table = new()
    {
        [("", "Pod")] = PodDefaults.Pod,
        [("", "PodTemplate")] = obj => PodDefaults.Template(obj.Child("template")),
        [("", "ReplicationController")] = WorkloadDefaults.ReplicationController,
        [("", "Service")] = ServiceDefaults.Service,
        [("", "LimitRange")] = LimitRange,
        [("", "Namespace")] = Namespace,
        [("", "Secret")] = Secret,
        [("", "Node")] = Node,
        [("apps", "Deployment")] = WorkloadDefaults.Deployment,
        [("apps", "ReplicaSet")] = obj => PodDefaults.Template(obj.Child("spec", "template")),
        [("apps", "StatefulSet")] = WorkloadDefaults.StatefulSet,
        [("apps", "DaemonSet")] = WorkloadDefaults.DaemonSet,
        [("batch", "Job")] = WorkloadDefaults.Job,
        [("batch", "CronJob")] = obj => PodDefaults.Template(obj.Child("spec", "jobTemplate", "spec", "template")),
        [("networking.k8s.io", "NetworkPolicy")] = NetworkPolicy,
        [("rbac.authorization.k8s.io", "RoleBinding")] = Subjects,
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = Subjects,
        [("autoscaling", "HorizontalPodAutoscaler")] = Autoscaler,
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = CustomResourceDefinition,
    };

    public static Action<JsonObject>? For(string group, string kind) => Table.GetValueOrDefault((group, kind));

    private static void Namespace(JsonObject obj)
    {
        const string Label = "kubernetes.io/metadata.name";
        var meta = obj.Child("metadata");
        if (meta.Text("name") is { Length: > 0 } name && string.IsNullOrEmpty(meta.Child("labels").Text(Label)))
        {
            meta!.Ensure("labels")[Label] = name;
        }
    }

    /// <summary>For containers, what is not said of the one amount follows from the others.</summary>
    private static void LimitRange(JsonObject obj)
    {
        foreach (var limit in obj.Child("spec").Objects("limits").Where(l => l.Text("type") == "Container"))
        {
            Fill(limit, "default", "max");
            Fill(limit, "defaultRequest", "default");
            Fill(limit, "defaultRequest", "min");
        }
    }

    private static void Fill(JsonObject limit, string list, string from)
    {
        foreach (var (name, amount) in limit.Child(from) ?? [])
        {
            var amounts = limit.Ensure(list);
            if (!amounts.ContainsKey(name))
            {
                amounts[name] = amount?.DeepClone();
            }
        }
    }

    /// <summary>Plain text goes in by stringData and never comes out.</summary>
    private static void Secret(JsonObject obj)
    {
        if (obj["stringData"] is JsonObject plain)
        {
            obj.Remove("stringData");
            var data = obj.Ensure("data");
            foreach (var (key, value) in plain)
            {
                data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.AsText() ?? ""));
            }
        }
    }

    private static void Node(JsonObject obj)
    {
        var status = obj.Child("status");
        if (status?["allocatable"] is null && status?["capacity"] is { } capacity)
        {
            status["allocatable"] = capacity.DeepClone();
        }
    }

    private static void NetworkPolicy(JsonObject obj)
    {
        var spec = obj.Child("spec");
        if (spec is not null && spec.Array("policyTypes") is not { Count: > 0 })
        {
            var types = new JsonArray("Ingress");
            if (spec.Array("egress") is { Count: > 0 })
            {
                types.Add("Egress");
            }

            spec["policyTypes"] = types;
        }
    }

    private static void Subjects(JsonObject obj)
    {
        foreach (var subject in obj.Objects("subjects"))
        {
            if (subject.Text("kind") is "User" or "Group" && string.IsNullOrEmpty(subject.Text("apiGroup")))
            {
                subject["apiGroup"] = "rbac.authorization.k8s.io";
            }
        }
    }

    private static void Autoscaler(JsonObject obj)
    {
        var spec = obj.Child("spec");
        if (obj.Text("apiVersion") != "autoscaling/v2" || spec is null)
        {
            return;
        }

        if (spec.Child("behavior") is { } behavior)
        {
            // Who says something of one direction has said something of both.
            var up = behavior.Ensure("scaleUp");
            up.SetMissing("stabilizationWindowSeconds", 0L);
            ScalingRules(up, ("Pods", 4L), ("Percent", 100L));
            ScalingRules(behavior.Ensure("scaleDown"), ("Percent", 100L));
        }

        if (spec.Array("metrics") is not { Count: > 0 })
        {
            var target = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80L };
            spec["metrics"] = new JsonArray(new JsonObject { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = target } });
        }
    }

    private static void ScalingRules(JsonObject rules, params ReadOnlySpan<(string Type, long Value)> byDefault)
    {
        rules.SetMissing("selectPolicy", "Max");
        if (rules.ContainsKey("policies"))
        {
            return;
        }

        var policies = new JsonArray();
        foreach (var (type, value) in byDefault)
        {
            policies.Add(new JsonObject { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15L });
        }

        rules["policies"] = policies;
    }

    private static void CustomResourceDefinition(JsonObject obj)
    {
        var names = obj.Child("spec", "names");
        if (names.Text("kind") is { Length: > 0 } kind)
        {
            names!.SetDefault("singular", kind.ToLowerInvariant());
            names!.SetDefault("listKind", kind + "List");
        }
    }
}
