using Sealos.Kinds.Core;
using Sealos.OsServices.Operators;

namespace Sealos.Desktop.Apps.Users;

/// <summary>What a workspace may take, as an operator types it.</summary>
public sealed record WorkspaceLimits(string Cpu, string Memory, string Storage, string Pods)
{
    /// <summary>What stands in a workspace's quota; null where there is none.</summary>
    public static WorkspaceLimits? Of(IEnumerable<ResourceQuota> quotas)
    {
        var hard = quotas.SelectMany(q => q.Spec?.Hard ?? []).DistinctBy(h => h.Key).ToDictionary(h => h.Key, h => h.Value.ToString());
        return hard.Count == 0 ? null : new WorkspaceLimits(Text("limits.cpu"), Text("limits.memory"), Text("requests.storage"), Text("pods"));

        string Text(string key) => hard.GetValueOrDefault(key, "");
    }

    /// <summary>What of these is to change to become the others; null for nothing. What is empty stays as it is.</summary>
    public QuotaChange? To(WorkspaceLimits wanted)
    {
        var change = new QuotaChange(Changed(Cpu, wanted.Cpu), Changed(Memory, wanted.Memory), Changed(Storage, wanted.Storage), Changed(Pods, wanted.Pods));
        return change == new QuotaChange() ? null : change;
    }

    private static string? Changed(string now, string wanted) => wanted.Trim() is { Length: > 0 } text && text != now ? text : null;
}
