using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Notifications;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>What the cloud says to a workspace is written by the cloud: people mark it as read, or delete it.</summary>
internal sealed class NotificationRule : AdmissionRule
{
    // What the API server itself writes with each change.
    private static readonly string[] Kept = ["managedFields", "resourceVersion", "generation"];

    public override IReadOnlyList<RuleScope> Scopes { get; } =
        [new(Place.Workspaces, "CU", Notification.KubeKind.Group, Notification.KubeKind.Plural, Notification.KubeKind.Plural + "/status")];

    protected override Refusal? Judge(AdmissionRequest request) =>
        request.Operation == AdmissionOperation.Update && request.Subresource.Length == 0 && JsonNode.DeepEquals(Rest(request.Object), Rest(request.OldObject))
            ? null
            : new Refusal($"notifications are written by the cloud alone; set the label {Notification.ReadLabel}, or delete it");

    // All but the mark.
    private static JsonObject Rest(JsonObject? notification)
    {
        var rest = notification is null ? [] : (JsonObject)notification.DeepClone();
        if (rest.Child("metadata") is { } metadata)
        {
            foreach (var name in Kept)
            {
                metadata.Remove(name);
            }

            metadata.Child("labels")?.Remove(Notification.ReadLabel);
            if (metadata.Child("labels") is { Count: 0 })
            {
                metadata.Remove("labels");
            }
        }

        return rest;
    }
}
