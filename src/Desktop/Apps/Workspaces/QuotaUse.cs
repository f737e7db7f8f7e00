using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.Desktop.Apps.Workspaces;

/// <summary>How much of something a workspace uses, of how much it may.</summary>
internal sealed record QuotaUse(string Name, string Used, string Hard, int Percent, bool IsMinor = false)
{
    private const int Last = 99;

    /// <summary>What the quota of a workspace says, in words and in an order people look for.</summary>
    public static IReadOnlyList<QuotaUse> Of(IEnumerable<ResourceQuota> quotas) =>
        [.. quotas.SelectMany(q => q.Status?.Hard ?? q.Spec?.Hard ?? [], (q, hard) => (hard.Key, Hard: hard.Value, Used: q.Status?.Used?.GetValueOrDefault(hard.Key) ?? default))
            .DistinctBy(q => q.Key).Select(q => (q.Key, Use: Of(q.Key, q.Used, q.Hard)))
            .OrderBy(q => Order(q.Key)).ThenBy(q => q.Key, StringComparer.Ordinal).Select(q => q.Use)];

    private static QuotaUse Of(string key, Quantity used, Quantity hard)
    {
        var (have, most) = ((double)used.Value, (double)hard.Value);
        return new QuotaUse(Words(key), Amount(key, have), Amount(key, most), most <= 0 ? (have > 0 ? 100 : 0) : (int)Math.Clamp(have * 100 / most, 0, 100), IsMinor: Order(key) == Last);
    }

    private static string Words(string key) => key switch
    {
        "limits.cpu" => "CPU",
        "limits.memory" => "Memory",
        "limits.ephemeral-storage" => "Scratch space",
        "requests.cpu" => "CPU set aside",
        "requests.memory" => "Memory set aside",
        "requests.storage" => "Storage",
        "services.nodeports" => "Public ports",
        "objectstorage/size" => "Object storage",
        "objectstorage/bucket" => "Buckets",
        "traffic" => "Traffic",
        "pods" => "Instances",
        "configmaps" or "count/configmaps" => "Configuration files",
        "persistentvolumeclaims" => "Volumes",
        _ when key.StartsWith("count/", StringComparison.Ordinal) => char.ToUpperInvariant(key[6]) + key[7..].Split('.')[0],
        _ => char.ToUpperInvariant(key[0]) + key[1..],
    };

    private static int Order(string key) => Array.IndexOf<string>(["limits.cpu", "limits.memory", "requests.storage", "limits.ephemeral-storage", "services.nodeports", "pods"], key) is >= 0 and var at ? at : Last;

    private static string Amount(string key, double amount)
    {
        var isBytes = key.Contains("memory", StringComparison.Ordinal) || (key.Contains("storage", StringComparison.Ordinal) && !key.EndsWith("/bucket", StringComparison.Ordinal));
        return isBytes ? Bytes(amount) : amount.ToString(amount % 1 == 0 ? "#,0" : "#,0.##", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Bytes(double amount)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var unit = 0;
        while (amount >= 1024 && unit < units.Length - 1)
        {
            amount /= 1024;
            unit++;
        }

        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{amount:0.#} {units[unit]}");
    }
}
