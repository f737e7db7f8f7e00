using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Operators;

/// <summary>What a workspace may take: read off its quota, and changed by an annotation of its namespace that the walls follow.</summary>
public sealed class WorkspaceQuotas(KubeClient client)
{
    private const int LongestQuantity = 32;

    /// <summary>What a workspace may take, and takes.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it has no limits.</exception>
    public async Task<IReadOnlyList<QuotaLine>> ReadAsync(string workspace, CancellationToken ct)
    {
        var ns = await OperatedWorkspace.FindAsync(client, workspace, ct).ConfigureAwait(false);
        return Read(await client.FindAsync<ResourceQuota>(ns.Metadata.Name, WallObjects.QuotaNameOf(ns.Metadata.Name!), ct).ConfigureAwait(false));
    }

    /// <summary>Changes what a workspace may take; what runs already goes on.</summary>
    public async Task SetAsync(string workspace, QuotaChange change, CancellationToken ct)
    {
        var wanted = new (string Field, string Resource, string? Text)[]
        {
            ("cpu", "limits.cpu", change.Cpu), ("memory", "limits.memory", change.Memory), ("storage", "requests.storage", change.Storage), ("pods", "pods", change.Pods),
        }.Where(c => c.Text is not null).ToList();
        if (wanted.Count == 0)
        {
            throw ServiceException.Invalid("cpu", "Say what is to change: cpu, memory, storage or pods.");
        }

        foreach (var (field, _, text) in wanted)
        {
            Check(field, text!);
        }

        var ns = await OperatedWorkspace.FindAsync(client, workspace, ct).ConfigureAwait(false);
        var quota = Present(ns);
        foreach (var (_, resource, text) in wanted)
        {
            quota[resource] = text;
        }

        await OperatedWorkspace.AnnotateAsync(client, ns, new JsonObject { [UserKeys.Quota] = quota.ToJsonString() }, ct).ConfigureAwait(false);
    }

    internal static IReadOnlyList<QuotaLine> Read(ResourceQuota? quota) =>
        [.. (quota?.Spec?.Hard ?? []).OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => new QuotaLine(h.Key, h.Value.ToString(), quota!.Status?.Used?.TryGetValue(h.Key, out var used) == true ? used.ToString() : "0"))];

    private static void Check(string field, string text)
    {
        var isQuantity = text.Length is > 0 and <= LongestQuantity && Quantity.TryParse(text, out var quantity) && quantity.Value >= 0;
        if (!isQuantity || (field == "pods" && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            throw ServiceException.Invalid(field, field == "pods" ? "pods must be a whole number, such as 50." : $"{field} must be a quantity that is not negative, such as 32, 500m or 64Gi.");
        }
    }

    private static JsonObject Present(Namespace ns)
    {
        try
        {
            return ns.Metadata.Annotations?.GetValueOrDefault(UserKeys.Quota) is { Length: > 0 } text && JsonNode.Parse(text) is JsonObject quota ? quota : [];
        }
        catch (JsonException)
        {
            throw ServiceException.Conflict($"Annotation {UserKeys.Quota} of namespace {ns.Metadata.Name} is no JSON object; take it away first.");
        }
    }
}
