using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Node.StaticPods;

/// <summary>Reads a pod from a file on the machine. Pure.</summary>
internal static class StaticPodFile
{
    private const string DefaultNamespace = "default";

    /// <summary>The pod, named after its node, with an identity that changes with its text.</summary>
    /// <exception cref="StaticPodException">The file holds no pod that can run; says why.</exception>
    public static Pod Read(string path, byte[] content, string nodeName)
    {
        var kind = KubeSchema.Default.FindKind("v1", "Pod")!;
        var obj = Parse(content, kind);
        var metadata = obj.Child("metadata") ?? throw new StaticPodException("metadata is missing");
        var identity = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{nodeName}\n{path}\n"), .. content]), 0, 16);
        metadata["name"] = $"{metadata.Text("name")}-{nodeName}";
        metadata["namespace"] = metadata.Text("namespace") is { Length: > 0 } ns ? ns : DefaultNamespace;
        Complete(obj, kind);

        var pod = obj.Deserialize<Pod>(KubeJson.Options)!;
        Refuse(pod);
        pod.Metadata.Uid = identity;
        pod.Metadata.Annotations ??= [];
        pod.Metadata.Annotations.Remove(Keys.ConfigMirror);
        pod.Metadata.Annotations[Keys.ConfigSource] = "file";
        pod.Metadata.Annotations[Keys.ConfigHash] = identity;
        pod.Spec!.NodeName = nodeName;

        // Nobody but its file ends it.
        pod.Spec.Tolerations = [.. pod.Spec.Tolerations ?? [], new Toleration { Operator = "Exists", Effect = "NoExecute" }];
        return pod;
    }

    private static JsonObject Parse(byte[] content, KindSchema kind)
    {
        try
        {
            var obj = YamlText.Parse(content) as JsonObject ?? throw new StaticPodException("it is not an object");
            return obj.Text("kind") == kind.Kind && obj.Text("apiVersion") == kind.GroupVersion ? obj : throw new StaticPodException("it is not a Pod of v1");
        }
        catch (DecodeException e)
        {
            throw new StaticPodException(e.Message);
        }
    }

    private static void Complete(JsonObject obj, KindSchema kind)
    {
        var type = KubeSchema.Default.GetType(kind);
        if (TypeChecker.Check(obj, type) is { } mismatch)
        {
            throw new StaticPodException(mismatch);
        }

        if (Pruner.Prune(obj, type) is { Count: > 0 } unknown)
        {
            throw new StaticPodException($"unknown fields: {string.Join(", ", unknown)}");
        }

        obj.Remove("status");
        Defaulter.Default(obj, kind);
        if (Validator.ValidateCreate(obj, kind) is { Count: > 0 } errors)
        {
            throw new StaticPodException(string.Join("; ", errors));
        }
    }

    // It must start without an API server, so it can refer to nothing that is only there.
    private static void Refuse(Pod pod)
    {
        var spec = pod.Spec!;
        var containers = pod.Containers.Concat(pod.InitContainers).ToList();
        string? found = null;
        found ??= spec.ServiceAccountName is { Length: > 0 } ? "serviceaccounts" : null;
        found ??= spec.EphemeralContainers is { Count: > 0 } ? "ephemeralcontainers" : null;
        found ??= spec.ResourceClaims is { Count: > 0 } ? "resourceclaims" : null;
        found ??= spec.ImagePullSecrets is { Count: > 0 } ? "secrets" : null;
        found ??= (spec.Volumes ?? []).Exists(v => v.EmptyDir is null && v.HostPath is null && v.DownwardAPI is null) ? "volumes other than emptyDir, hostPath and downwardAPI" : null;
        found ??= containers.Exists(c => (c.EnvFrom ?? []).Count > 0 || (c.Env ?? []).Exists(e => e.ValueFrom?.ConfigMapKeyRef is not null || e.ValueFrom?.SecretKeyRef is not null)) ? "configmaps or secrets" : null;
        if (found is not null)
        {
            throw new StaticPodException($"a static pod may not refer to {found}");
        }
    }
}

/// <summary>A file that holds no pod which can run.</summary>
internal sealed class StaticPodException(string message) : Exception(message);
