using System.Text.Json.Nodes;
using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>
/// Whoever gives an object an owner must be allowed to delete the object, which that owner's end does; and to hold up the
/// owner's deletion is for those who may set finalizers on it.
/// </summary>
internal sealed class OwnerReferencesPermission(Authorizer authorizer, ResourceRegistry registry) : AdmissionPlugin
{
    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation is Operation.Create or Operation.Update && !attributes.Context.User.IsMaster
            && !(attributes is { Subresource: "status", Resource: { Group: "", Plural: "pods" } }))
        {
            Judge(attributes);
        }

        return ValueTask.CompletedTask;
    }

    private void Judge(AdmissionAttributes attributes)
    {
        var owners = Owners(attributes.Object);
        var before = Owners(attributes.OldObject);
        if (owners.Count == before.Count && owners.Zip(before).All(pair => JsonNode.DeepEquals(pair.First, pair.Second)))
        {
            return;
        }

        var resource = attributes.Resource;
        if (attributes.Operation == Operation.Update && Refusal(new AuthorizationAttributes(attributes.Context.User, "delete")
            {
                Group = resource.Group,
                Resource = resource.Plural,
                Subresource = attributes.Subresource,
                Namespace = attributes.Namespace,
                Name = attributes.Name,
            }) is { } cannotDelete)
        {
            throw attributes.Forbidden($"cannot set an ownerRef on a resource you can't delete: {cannotDelete}");
        }

        var blocking = owners.Where(owner => Blocks(owner) && !before.Exists(old => old.Text("uid") == owner.Text("uid") && Blocks(old))).ToList();
        if (blocking.Count > 0 && Refusal(Finalize(attributes, "*", "*", "*", "")) is not null)
        {
            blocking.ForEach(owner => CheckFinalizers(attributes, owner));
        }
    }

    private void CheckFinalizers(AdmissionAttributes attributes, JsonObject owner)
    {
        var (version, kind) = (owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "");
        var owning = registry.All.FirstOrDefault(r => r.Kind == kind && r.GroupVersion == version)
            ?? throw attributes.Forbidden($"cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion {version} Kind {kind}: no matches for kind \"{kind}\" in version \"{version}\"");
        var wish = Finalize(attributes, owning.Group, owning.Plural, owner.Text("name") ?? "", owning.IsNamespaced ? attributes.Namespace : "");
        if (Refusal(wish) is { } refusal)
        {
            throw attributes.Forbidden($"cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: {refusal}");
        }
    }

    private static AuthorizationAttributes Finalize(AdmissionAttributes attributes, string group, string plural, string name, string @namespace) =>
        new(attributes.Context.User, "update") { Group = group, Resource = plural, Subresource = "finalizers", Name = name, Namespace = @namespace };

    /// <summary>Why something may not be done, as Kubernetes tells it; null when it may.</summary>
    private string? Refusal(AuthorizationAttributes wish)
    {
        var decision = authorizer.Authorize(wish);
        return decision.IsAllowed ? null : $"{decision.Reason}, <nil>";
    }

    private static bool Blocks(JsonObject owner) => owner.Flag("blockOwnerDeletion") == true;

    private static List<JsonObject> Owners(JsonObject? obj) => [.. obj.Child("metadata").Objects("ownerReferences")];
}
