using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Kinds.Rbac;
using Sealos.Objects.Serialization;

namespace Sealos.ControllerKit.Caching;

/// <summary>
/// Gives objects of caches one copy of parts that many of them have alike: every workspace has the same roles, walls and quotas, and what
/// belongs to one person bears the same labels. That may be done to objects of a cache alone, as nobody changes those.
/// </summary>
internal static class SharedParts
{
    private const int MostPairs = 8;

    // Longer ones are hardly ever alike, and what stays here outlives its object.
    private const int MostChars = 1024;
    private static readonly Dictionary<string, string>?[] Pairs = new Dictionary<string, string>?[16_384];

    public static void Share(IKubeObject obj)
    {
        obj.Metadata.Labels = Share(obj.Metadata.Labels);
        obj.Metadata.Annotations = Share(obj.Metadata.Annotations);
        switch (obj)
        {
            case Role role:
                role.Rules = Part(role.Rules);
                break;
            case RoleBinding binding:
                binding.RoleRef = Part(binding.RoleRef);
                binding.Subjects = Part(binding.Subjects);
                break;
            case NetworkPolicy policy:
                policy.Spec = Part(policy.Spec);
                break;
            case ResourceQuota quota:
                quota.Spec = Part(quota.Spec);
                quota.Status = Part(quota.Status);
                break;
            case LimitRange limits:
                limits.Spec = Part(limits.Spec);
                break;
            case Namespace ns:
                ns.Spec = Part(ns.Spec);
                ns.Status = Part(ns.Status);
                break;
            case ConfigMap map:
                map.Data = Part(map.Data);
                break;
        }
    }

    private static T? Part<T>(T? part)
        where T : class => part is null ? null : Parts<T>.Known.Get(JsonSerializer.Serialize(part, KubeJson.Options));

    private static Dictionary<string, string>? Share(Dictionary<string, string>? pairs)
    {
        if (pairs is null || pairs.Count is 0 or > MostPairs)
        {
            return pairs;
        }

        // In whatever order.
        var (hash, length) = (0, 0);
        foreach (var (key, value) in pairs)
        {
            hash += HashCode.Combine(key, value);
            length += key.Length + value.Length;
        }

        if (length > MostChars)
        {
            return pairs;
        }

        ref var place = ref Pairs[(uint)hash % (uint)Pairs.Length];
        if (Volatile.Read(ref place) is { } known && AreSame(known, pairs))
        {
            return known;
        }

        Volatile.Write(ref place, pairs);
        return pairs;
    }

    private static bool AreSame(Dictionary<string, string> one, Dictionary<string, string> other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }

        foreach (var (key, value) in one)
        {
            if (!other.TryGetValue(key, out var found) || found != value)
            {
                return false;
            }
        }

        return true;
    }

    private static class Parts<T>
        where T : class
    {
        public static readonly RecentValues<T> Known = new(1024, text => JsonSerializer.Deserialize<T>(text, KubeJson.Options)!);
    }
}
