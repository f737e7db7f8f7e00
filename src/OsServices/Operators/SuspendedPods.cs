using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Operators;

/// <summary>
/// Pods of a workspace that is suspended. A pod that nobody would start again is kept as a Secret among the users' own, out of its owner's reach,
/// and then deleted; it comes back as the same pod on new disks of its own.
/// </summary>
internal sealed class SuspendedPods(KubeClient client)
{
    private const string SecretType = "user.sealos.io/suspended-pod";
    private const string Label = "user.sealos.io/suspended-in";
    private const string DataKey = "pod";
    private const int GraceSeconds = 30;

    // What the API server writes into a pod, and what made it run where it ran.
    private static readonly string[] Written = ["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields", "selfLink"];

    /// <summary>Ends the pods there are; true when none is left.</summary>
    public async Task<bool> StopAsync(string ns, CancellationToken ct)
    {
        var isDone = true;
        await foreach (var pod in SuspendedWork.ListAsync(client, $"/api/v1/namespaces/{ns}/pods", ct).ConfigureAwait(false))
        {
            if (pod.Child("status").Text("phase") is "Succeeded" or "Failed")
            {
                continue;
            }

            isDone = false;
            await StopAsync(ns, pod, ct).ConfigureAwait(false);
        }

        return isDone;
    }

    /// <summary>Starts what was kept; true when all of it is there.</summary>
    public async Task<bool> StartAsync(string ns, CancellationToken ct)
    {
        var kept = await client.ListAsync<Secret>(UserDirectory.AccountsNamespace, KeptOf(ns), ct).ConfigureAwait(false);
        var isDone = true;
        foreach (var secret in kept.Items)
        {
            var outcome = secret.Data?.GetValueOrDefault(DataKey) is { } text ? await StartAsync(ns, JsonText.ParseNode(text)!.AsObject(), ct).ConfigureAwait(false) : Restart.Done;
            isDone &= outcome != Restart.NotYet;
            if (outcome == Restart.Done)
            {
                secret.Metadata.Namespace ??= UserDirectory.AccountsNamespace;
                await client.DeleteExactlyAsync(secret, null, ct).ConfigureAwait(false);
            }
        }

        return isDone;
    }

    /// <summary>Keeps nothing of a workspace any more.</summary>
    public static Task ForgetAsync(KubeClient client, string ns, CancellationToken ct) => AccountSecrets.DeleteAsync(client, KeptOf(ns), null, ct);

    /// <summary>A pod as it is made again: what it asked for, wherever it ran. Pure.</summary>
    internal static JsonObject Renewed(JsonObject pod)
    {
        var copy = (JsonObject)pod.DeepClone();
        copy.Remove("status");
        var metadata = copy.Child("metadata")!;
        foreach (var name in Written)
        {
            metadata.Remove(name);
        }

        copy.Child("spec")?.Remove("nodeName");
        return copy;
    }

    private static ListQuery KeptOf(string ns) => new() { LabelSelector = $"{Label}={ns}", FieldSelector = $"type={SecretType}" };

    private async Task StopAsync(string ns, JsonObject pod, CancellationToken ct)
    {
        var metadata = pod.Child("metadata")!;
        var uid = metadata.Text("uid")!;
        if (metadata.Text("deletionTimestamp") is null && !metadata.Objects("ownerReferences").Any(o => o.Flag("controller") == true))
        {
            await KeepAsync(ns, uid, pod, ct).ConfigureAwait(false);
        }

        // How long it may take is not the pod's to say: what is suspended ends, and so does what was on its way out already.
        var soon = new DeleteOptions { GracePeriodSeconds = GraceSeconds };
        if (metadata.Text("deletionTimestamp") is null || metadata.Number("deletionGracePeriodSeconds") > GraceSeconds)
        {
            await client.DeleteExactlyAsync(new Pod { Metadata = new ObjectMeta { Name = metadata.Text("name"), Namespace = ns, Uid = uid } }, soon, ct).ConfigureAwait(false);
        }
    }

    // A pod that is too large to be kept is lost by whoever made it so, and shields nothing.
    private async Task KeepAsync(string ns, string uid, JsonObject pod, CancellationToken ct)
    {
        var kept = (JsonObject)pod.DeepClone();
        kept.Remove("status");
        kept.Child("metadata")!.Remove("managedFields");
        var secret = new Secret
        {
            Metadata = new ObjectMeta { Name = $"suspended-{uid}", Namespace = UserDirectory.AccountsNamespace, Labels = new Dictionary<string, string> { [Label] = ns } },
            Type = SecretType,
            Data = new Dictionary<string, byte[]> { [DataKey] = JsonText.Write(kept) },
        };
        try
        {
            await client.TryCreateAsync(secret, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code is 413 or 422)
        {
            // Larger than a Secret may be.
        }
    }

    private async Task<Restart> StartAsync(string ns, JsonObject pod, CancellationToken ct)
    {
        var metadata = pod.Child("metadata")!;
        var there = await client.FindAsync<Pod>(ns, metadata.Text("name")!, ct).ConfigureAwait(false);
        if (there is not null)
        {
            // The old one is still on its way out, or somebody has made their own.
            return there.Metadata.Uid != metadata.Text("uid") || there.Metadata.DeletionTimestamp is null ? Restart.Done : Restart.NotYet;
        }

        using var body = new StringContent(Renewed(pod).ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        try
        {
            await client.SendAsync<JsonObject>(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", body, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made by a turn before this one.
        }
        catch (ApiException e) when (e.Code is 403 or 422)
        {
            // What the workspace may no longer have, as a quota was lowered meanwhile, must not keep the rest from coming back. It stays kept, and
            // is tried again when the workspace is resumed another time.
            return Restart.Refused;
        }

        return Restart.Done;
    }

    private enum Restart
    {
        Done,
        NotYet,
        Refused,
    }
}
